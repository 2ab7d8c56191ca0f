using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>Sessions that say yes, and remember what they were asked.</summary>
internal sealed class FakeSessions : ISessions
{
    /// <summary>All sessions, in the order of CONNECT.</summary>
    public ConcurrentQueue<FakeSession> Opened { get; } = [];

    /// <summary>When set, sessions are refused with it.</summary>
    public SessionRefusedException? Refusal { get; set; }

    /// <summary>What the next sessions had before.</summary>
    public MqttAttached Attached { get; set; } = new();

    /// <summary>Where a test may hold PUBREC up.</summary>
    public Func<MqttPublish, Task> BeforePublish { get; set; } = _ => Task.CompletedTask;

    /// <summary>Where a test may hold PUBCOMP up.</summary>
    public Func<Task> BeforeRelease { get; set; } = () => Task.CompletedTask;

    public FakeSession Last => Opened.Last();

    public Task<ISession> ConnectAsync(SessionRequest request, CancellationToken cancellationToken)
    {
        if (Refusal is not null)
        {
            throw Refusal;
        }

        var session = new FakeSession(this, request);
        Opened.Enqueue(session);
        return Task.FromResult<ISession>(session);
    }
}

internal sealed class FakeSession(FakeSessions sessions, SessionRequest request) : ISession
{
    private readonly TaskCompletionSource<MqttError> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SessionRequest Request => request;

    public MqttAttached Attached { get; } = sessions.Attached;

    public Task<MqttError> Ended => _ended.Task;

    /// <summary>"packet id: value" of each.</summary>
    public ConcurrentQueue<string> Published { get; } = [];

    public ConcurrentQueue<MqttRecord> Records { get; } = [];

    public ConcurrentQueue<int> Released { get; } = [];

    /// <summary>Null: it was not closed in an orderly way.</summary>
    public MqttEndEx? End { get; private set; }

    public bool IsDisposed { get; private set; }

    public void EndWith(MqttError error) => _ended.TrySetResult(error);

    /// <summary>Once the session was told to forget its will: whether that was before the end.</summary>
    public bool? ForgotWillInTime { get; private set; }

    public Task SubscribeAsync(MqttSubscribe change, CancellationToken cancellationToken)
    {
        ForgotWillInTime ??= change.ForgetWill ? End is null : null;
        return Task.CompletedTask;
    }

    public async Task PublishAsync(MqttPublish publish, ReadOnlySequence<byte> value, CancellationToken cancellationToken)
    {
        Published.Enqueue($"{publish.PacketId}: {Encoding.UTF8.GetString(value)}");
        Records.Enqueue(publish.Record);
        await sessions.BeforePublish(publish).WaitAsync(cancellationToken);
    }

    public Task ReleaseAsync(ushort packetId, CancellationToken cancellationToken)
    {
        Released.Enqueue(packetId);
        return sessions.BeforeRelease().WaitAsync(cancellationToken);
    }

    public Task RecordAsync(MqttDelivery delivery, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Report(MqttDelivery delivery)
    {
    }

    public Task<IShare> ShareAsync(MqttShare share, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CloseAsync(MqttEndEx end, CancellationToken cancellationToken)
    {
        End = end;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
