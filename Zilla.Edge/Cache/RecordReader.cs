using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>Reads the records of one bounded fetch. For one reader at a time.</summary>
public sealed class RecordReader : IAsyncDisposable
{
    private readonly FetchStream _stream;
    private readonly ProgressVector _position;
    private bool _ended;

    private RecordReader(FetchStream stream, KafkaProgress start) => (_stream, Start, _position) = (stream, start, new ProgressVector(start));

    /// <summary>Where the replica started to read, all partitions named.</summary>
    public KafkaProgress Start { get; }

    /// <summary>Behind what has been read so far.</summary>
    public ProgressVector Position => _position;

    /// <summary>The next record; false at the end.</summary>
    /// <exception cref="StreamBrokenException">The stream broke before its end.</exception>
    public async ValueTask<(bool Found, KafkaRecord Record)> ReadAsync(CancellationToken cancellationToken)
    {
        while (!_ended)
        {
            var step = await _stream.ReadAsync(cancellationToken);
            if (step.Kind == FetchStepKind.Record)
            {
                _position.TryPass(step.Record);
                return (true, step.Record);
            }

            _position.Raise(step.Progress!);
            _ended = step.Kind == FetchStepKind.End;
        }

        return default;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    internal static async Task<RecordReader> OpenAsync(FetchStream stream, CacheClient client, CancellationToken cancellationToken)
    {
        try
        {
            return new RecordReader(stream, await stream.ReadStartAsync(client.Options, client.Time, cancellationToken));
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
