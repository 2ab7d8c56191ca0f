using System.Text;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;
using Kind = Zilla.Streams.V1.MqttDataEx.KindOneofCase;

namespace Zilla.KafkaCache.Sessions;

/// <summary>Serves one SESSION stream (mqtt.proto): reads what the edge asks, has it done by the session in its order, and answers when it is in Kafka.</summary>
internal sealed class SessionStream : ISessionClient
{
    private const int LongestName = 65_535;

    private readonly WaitingRoom _room;
    private readonly SessionAnswers _answers;
    private readonly FrameStream _stream;
    private readonly MqttConnect _connect;
    private readonly SessionHost _host;
    private Session? _session;

    public SessionStream(FrameStream stream, MqttConnect connect, SessionHost host)
    {
        (_stream, _connect, _host) = (stream, connect, host);
        _room = new(host.Options.MaxWaitingBytes);
        _answers = new(stream, _room);
    }

    /// <summary>Needs no token: a stream that is broken fails its reader, and a partition that is lost has its sessions break their streams.</summary>
    public async Task RunAsync()
    {
        Check();
        try
        {
            _session = _host.Attach(this, _connect);

            // Whoever breaks the stream does so by ending the answers.
            _ = ReadAsync(_session);
            await _answers.Over;
        }
        finally
        {
            _session?.Post(this, (life, _) => life.Lose());
        }
    }

    public void Attached(MqttAttached attached) => _answers.Add(new() { Attached = attached });

    public void Break(StreamBrokenException why) => _answers.Close(why);

    private async Task ReadAsync(Session session)
    {
        try
        {
            var assembler = new MqttMessageAssembler(_host.Options.MaxMessageBytes);
            while (true)
            {
                var frame = await _stream.ReadAsync();
                if (frame.Kind == FrameKind.End)
                {
                    Take(session, frame.Parse(MqttEndEx.Parser));
                    return;
                }

                if (frame.Kind == FrameKind.Data && assembler.TryAdd(frame, out var message, out var payload))
                {
                    var size = 256 + message.CalculateSize() + payload.Length;
                    await _room.EnterAsync(size, CancellationToken.None);
                    Take(session, message, payload, size);
                }
            }
        }
        catch (Exception broken)
        {
            _answers.Fail(broken);
        }
    }

    private void Take(Session session, MqttEndEx end) => session.Post(this, (life, step) =>
    {
        step.Done = failure =>
        {
            if (failure is null)
            {
                _answers.Close();
            }
        };
        life.End(end, step);
    });

    private void Take(Session session, MqttDataEx message, byte[] payload, int size)
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
            _answers.Add(new() { Request = request, Done = done }, size);
        }

        switch (message.KindCase)
        {
            case Kind.Subscribe:
                Check(message.Subscribe);
                session.Post(this, (life, step) => Subscribe(life.Requests, step, message.Subscribe), Done);
                break;
            case Kind.Publish:
                Check(message.Publish);
                session.Post(this, (life, step) => life.Requests.Publish((ushort)message.Publish.PacketId, message.Publish.Record, payload, step), Done);
                break;
            case Kind.Release:
                session.Post(this, (life, _) => life.Requests.Release((ushort)message.Release.PacketId), Done);
                break;
            case Kind.Delivery:
                session.Post(this, (life, _) => Deliver(life.Requests, message.Delivery), Done, urgent: request != 0);
                break;
            default:
                throw new StreamBrokenException(Cause.ProtocolError, "A session stream does not carry this");
        }
    }

    private static void Subscribe(SessionRequests requests, SessionStep step, MqttSubscribe change)
    {
        if (!requests.TrySubscribe(change))
        {
            var done = step.Done;
            step.Done = failure => done?.Invoke(failure ?? new(Cause.Overloaded, "The session has more subscriptions than it may"));
        }
    }

    private void Deliver(SessionRequests requests, MqttDelivery delivery)
    {
        if (!requests.TryDeliver(delivery))
        {
            Break(new(Cause.ProtocolError, "A progress cannot be decoded, or more is under way than can be"));
        }
    }

    private void Check()
    {
        var (connect, will) = (_connect, _connect.Will);
        if (connect.ClientId.Contains('#', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(connect.ClientId) > LongestName - 1
            || connect.Connection.Length is 0 or > 256
            || (will is not null && (will.Record?.Record is null || Encoding.UTF8.GetByteCount(will.Topic) >= LongestName || will.Topic.Length == 0 || will.Record.Value.Length > LongestName)))
        {
            throw new StreamBrokenException(Cause.ProtocolError, "MqttConnect is not sound");
        }

        if (will is not null)
        {
            _host.CheckTopics(will.Record);
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

        _host.CheckTopics(publish.Record);
    }
}
