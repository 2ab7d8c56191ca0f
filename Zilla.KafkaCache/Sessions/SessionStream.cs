using System.Text;
using System.Threading.Channels;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;
using Kind = Zilla.Streams.V1.MqttDataEx.KindOneofCase;

namespace Zilla.KafkaCache.Sessions;

/// <summary>Serves one SESSION stream (mqtt.proto): reads what the edge asks, has it done by the session in its order, and answers when it is in Kafka.</summary>
internal sealed class SessionStream(FrameStream stream, MqttConnect connect, SessionHost host) : ISessionClient
{
    private const int LongestName = 65_535;

    private readonly Channel<(MqttDataEx Message, int Size)> _answers = Channel.CreateUnbounded<(MqttDataEx Message, int Size)>(new() { SingleReader = true });
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WaitingRoom _room = new(host.Options.MaxWaitingBytes);
    private Session? _session;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Check();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stream.Broken);
        var writing = WriteAsync(ending.Token);
        try
        {
            _session = host.Attach(this, connect);

            // Whoever breaks the stream does so by ending the answers.
            var reading = ReadAsync(ending.Token);
            await await Task.WhenAny(reading, writing);
            await writing;
        }
        finally
        {
            _session?.Post(this, (life, _) => life.Lose());
            await ending.CancelAsync();
            _answers.Writer.TryComplete();
        }
    }

    public void Attached(MqttAttached attached)
    {
        _answers.Writer.TryWrite((new() { Attached = attached }, 0));
        _attached.TrySetResult();
    }

    public void Ended() => _answers.Writer.TryComplete();

    public void Break(StreamBrokenException why) => _answers.Writer.TryComplete(why);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _attached.Task.WaitAsync(cancellationToken);
        var assembler = new MqttMessageAssembler(host.Options.MaxMessageBytes);
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            if (frame.Kind == FrameKind.End)
            {
                var end = frame.Parse(MqttEndEx.Parser);
                _session!.Post(this, (life, step) =>
                {
                    step.Done = failure =>
                    {
                        if (failure is null)
                        {
                            Ended();
                        }
                    };
                    life.End(end, step);
                });
                return;
            }

            if (frame.Kind == FrameKind.Data && assembler.TryAdd(frame, out var message, out var payload))
            {
                var size = 256 + message.CalculateSize() + payload.Length;
                await _room.EnterAsync(size, cancellationToken);
                Take(message, payload, size);
            }
        }
    }

    private void Take(MqttDataEx message, byte[] payload, int size)
    {
        var request = message.Request;
        void Done(StreamBrokenException? refusal)
        {
            if (request == 0)
            {
                _room.Leave(size);
                return;
            }

            // Its place is free when the answer has gone out, so that answers nobody reads do not pile up.
            var done = refusal is null ? new MqttDone() : new() { Cause = (uint)refusal.Cause, Message = refusal.Message };
            _answers.Writer.TryWrite((new() { Request = request, Done = done }, size));
        }

        switch (message.KindCase)
        {
            case Kind.Subscribe:
                Check(message.Subscribe);
                _session!.Post(this, (life, step) => Subscribe(life, step, message.Subscribe), Done);
                break;
            case Kind.Publish:
                Check(message.Publish);
                _session!.Post(this, (life, step) => life.Publish((ushort)message.Publish.PacketId, message.Publish.Record, payload, step), Done);
                break;
            case Kind.Release:
                _session!.Post(this, (life, _) => life.Release((ushort)message.Release.PacketId), Done);
                break;
            case Kind.Delivery:
                _session!.Post(this, (life, _) => Deliver(life, message.Delivery), Done, urgent: request != 0);
                break;
            default:
                throw new StreamBrokenException(Cause.ProtocolError, "A session stream does not carry this");
        }
    }

    private static void Subscribe(SessionLife life, SessionStep step, MqttSubscribe change)
    {
        if (!life.TrySubscribe(change))
        {
            var done = step.Done;
            step.Done = failure => done?.Invoke(failure ?? new(Cause.Overloaded, "The session has more subscriptions than it may"));
        }
    }

    private void Deliver(SessionLife life, MqttDelivery delivery)
    {
        if (!life.TryDeliver(delivery))
        {
            Break(new(Cause.ProtocolError, "A progress cannot be decoded, or more is under way than can be"));
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var accepted = false;
        await foreach (var (answer, size) in _answers.Reader.ReadAllAsync(cancellationToken))
        {
            if (!accepted)
            {
                // Not before: what the session refuses is a RESET.
                stream.Accept();
                accepted = true;
            }

            await stream.WriteAsync(answer, cancellationToken);
            _room.Leave(size);
        }

        stream.End();
    }

    private void Check()
    {
        var will = connect.Will;
        if (connect.ClientId.Contains('#', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(connect.ClientId) > LongestName - 1
            || connect.Connection.Length is 0 or > 256
            || (will is not null && (will.Record?.Record is null || Encoding.UTF8.GetByteCount(will.Topic) >= LongestName || will.Topic.Length == 0 || will.Record.Value.Length > LongestName)))
        {
            throw new StreamBrokenException(Cause.ProtocolError, "MqttConnect is not sound");
        }

        if (will is not null)
        {
            host.CheckTopics(will.Record);
        }
    }

    private static void Check(MqttSubscribe change)
    {
        if (change.Added.Any(subscription => subscription.Filter.Length == 0 || Encoding.UTF8.GetByteCount(subscription.Filter) >= LongestName || subscription.Qos > 2))
        {
            throw new StreamBrokenException(Cause.ProtocolError, "MqttSubscribe is not sound");
        }
    }

    private void Check(MqttPublish publish)
    {
        if (publish.PacketId is 0 or > ushort.MaxValue || publish.Record?.Record is null)
        {
            throw new StreamBrokenException(Cause.ProtocolError, "MqttPublish is not sound");
        }

        host.CheckTopics(publish.Record);
    }
}
