using System.Threading.Channels;
using Google.Protobuf;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>A client's part of a shared subscription, at the owner of its group, whoever that is at the time.</summary>
internal sealed class RemoteShare : IShare, IOwnerStreamUser
{
    // Settled records that are told at once.
    private const int MostAtOnce = 512;

    private readonly MqttShare _share;
    private readonly SessionsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OwnerStream _stream;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<KafkaRecord> _records = Channel.CreateUnbounded<KafkaRecord>();
    private readonly Channel<MqttRecordId> _settled = Channel.CreateUnbounded<MqttRecordId>(new() { SingleReader = true });
    private Task _running = Task.CompletedTask;
    private MqttSettled _unsent = new();

    public RemoteShare(MqttShare share, SessionSpace space, ISessionOwners owners, SessionsOptions options, TimeProvider time, ILogger logger)
    {
        (_share, _options, _time, _logger) = (share, options, time, logger);
        _stream = new(owners, space, $"$share/{share.Name}/{share.Filter}", this, options, time, logger);
    }

    /// <summary>Returns when the client takes part.</summary>
    /// <exception cref="SessionRefusedException">It will not.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync();
        try
        {
            await await Task.WhenAny(_joined.Task, _running).WaitAsync(_options.OwnerTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new SessionRefusedException(ReasonCode.UnspecifiedError, _stream.Problem?.Message ?? "nobody owns the shared subscription");
        }

        if (!_joined.Task.IsCompleted)
        {
            await _records.Reader.Completion;
        }
    }

    public async ValueTask<KafkaRecord> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _records.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException closed)
        {
            throw closed.InnerException as SessionRefusedException ?? new SessionRefusedException(ReasonCode.UnspecifiedError, "the shared subscription is over");
        }
    }

    public void Settle(int partition, long offset) => _settled.Writer.TryWrite(new() { Partition = partition, Offset = offset });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        Exception over = new SessionRefusedException(ReasonCode.UnspecifiedError, "the shared subscription is over");
        try
        {
            await _stream.RunAsync(_stop.Token);
        }
        catch (SessionRefusedException refused)
        {
            over = refused;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The client has left.
        }
        catch (Exception fault)
        {
            SessionsLog.Fault(_logger, fault, _share.Name);
        }

        _records.Writer.TryComplete(over);
    }

    MqttBeginEx IOwnerStreamUser.Begin() => new() { Share = _share };

    async Task IOwnerStreamUser.ServeAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(stream, ending.Token);
        var reading = ReadAsync(stream, ending.Token);
        try
        {
            await await Task.WhenAny(reading, writing);
        }
        finally
        {
            await ending.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Leave(stream);

            // What nobody has read is another client's by now.
            while (_records.Reader.TryRead(out _))
            {
            }
        }
    }

    private async Task ReadAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        var reader = new KafkaReader(stream);
        while (true)
        {
            var item = await reader.ReadAsync(cancellationToken);
            switch (item.Kind)
            {
                case FrameKind.Begin:
                    _stream.Served();
                    _joined.TrySetResult();
                    break;
                case FrameKind.Data:
                    _records.Writer.TryWrite(item.Record);
                    break;
                case FrameKind.End:
                    throw new StreamBrokenException(Cause.NotOwner, "The owner has ended the share");
            }
        }
    }

    private async Task WriteAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        await _joined.Task.WaitAsync(cancellationToken);
        while (await _settled.Reader.WaitToReadAsync(cancellationToken))
        {
            await WriteSettledAsync(stream, cancellationToken);
        }
    }

    private async Task WriteSettledAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        while (_unsent.Records.Count < MostAtOnce && _settled.Reader.TryRead(out var record))
        {
            _unsent.Records.Add(record);
        }

        if (_unsent.Records.Count > 0)
        {
            await stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Mqtt, new MqttDataEx { Settled = _unsent }.ToByteArray(), cancellationToken);
            _unsent = new();
        }
    }

    /// <summary>What was settled until now still counts.</summary>
    private void Leave(FrameStream stream)
    {
        if (stream.Broken.IsCancellationRequested || !_stop.IsCancellationRequested)
        {
            return;
        }

        var last = new MqttDataEx { Settled = _unsent };
        while (_settled.Reader.TryRead(out var record))
        {
            last.Settled.Records.Add(record);
        }

        try
        {
            var writing = last.Settled.Records.Count == 0 || stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Mqtt, last.ToByteArray()).IsCompletedSuccessfully;
            if (writing)
            {
                stream.End();
            }
        }
        catch (StreamBrokenException)
        {
            // Others get them again.
        }
    }
}
