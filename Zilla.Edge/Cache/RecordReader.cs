using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>Reads the records of one bounded fetch; when its replica goes, it goes on with another. For one reader at a time.</summary>
public sealed class RecordReader : IAsyncDisposable
{
    private readonly CacheClient _client;
    private readonly FetchRequest _request;
    private readonly ProgressVector _position;
    private FetchStream _stream;
    private int _read;
    private bool _ended;

    private RecordReader(CacheClient client, FetchRequest request, FetchStream stream, KafkaProgress start) =>
        (_client, _request, _stream, Start, _position) = (client, request, stream, start, new ProgressVector(start));

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
            var step = await NextAsync(cancellationToken);
            if (step.Kind == FetchStepKind.Record)
            {
                _position.TryPass(step.Record);
                _ended = ++_read == _request.Limit;
                return (true, step.Record);
            }

            _position.Raise(step.Progress!);
            _ended = step.Kind == FetchStepKind.End;
        }

        return default;
    }

    public ValueTask DisposeAsync()
    {
        // END came along with the record that reached the limit: once it is read there is nothing to break off.
        if (_read > 0 && _read == _request.Limit)
        {
            _stream.TryReadEnd();
        }

        return _stream.DisposeAsync();
    }

    internal static async Task<RecordReader> OpenAsync(CacheClient client, FetchRequest request, CancellationToken cancellationToken)
    {
        var (stream, start) = await OpenStreamAsync(client, request, new Patience(client), cancellationToken);
        return new RecordReader(client, request, stream, start);
    }

    private static async Task<(FetchStream Stream, KafkaProgress Start)> OpenStreamAsync(
        CacheClient client, FetchRequest request, Patience patience, CancellationToken cancellationToken)
    {
        while (true)
        {
            FetchStream? stream = null;
            try
            {
                stream = client.OpenFetch(request);
                return (stream, await stream.ReadStartAsync(client.Deadlines, cancellationToken));
            }
            catch (Exception e)
            {
                await (stream?.DisposeAsync() ?? ValueTask.CompletedTask);
                if (e is not StreamBrokenException broken || !patience.Allows(broken))
                {
                    throw;
                }
            }

            await patience.PauseAsync(cancellationToken);
        }
    }

    private async ValueTask<FetchStep> NextAsync(CancellationToken cancellationToken)
    {
        Patience? patience = null;
        while (true)
        {
            try
            {
                return await _stream.ReadAsync(cancellationToken);
            }
            catch (StreamBrokenException e) when ((patience ??= new Patience(_client)).Allows(e))
            {
                await _stream.DisposeAsync();
            }

            var rest = _request with { From = _position.ToProgress(), Limit = _request.Limit == 0 ? 0 : _request.Limit - _read };
            (_stream, var start) = await OpenStreamAsync(_client, rest, patience, cancellationToken);
            _position.Raise(start);
        }
    }
}
