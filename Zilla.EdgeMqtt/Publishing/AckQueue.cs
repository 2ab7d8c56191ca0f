using System.Diagnostics;
using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>
/// The PUBACKs, or PUBRECs, that a client waits for: each goes out when its message is where it has to be, in the order of the PUBLISHes [MQTT-4.6.0-2], [MQTT-4.6.0-3].
/// </summary>
/// <param name="type">One of the two.</param>
/// <param name="client">Who waits.</param>
/// <param name="output">The way to it.</param>
/// <param name="retained">Told when a retained message is under way no more.</param>
/// <remarks>
/// <code>
/// _first ── done, waits for the one before it ── under way ── _next       numbers since the connection's beginning: the tags of what is produced
/// </code>
/// </remarks>
internal sealed class AckQueue(PacketType type, Client client, PacketOutput output, RetainedWrites retained) : IProduceReceiver
{
    private const int Smallest = 8;

    private readonly Lock _gate = new();
    private Entry[] _ring = [];
    private ulong _first;
    private ulong _next;
    private TaskCompletionSource? _below;

    /// <summary>How many are not acknowledged.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return (int)(_next - _first);
            }
        }
    }

    /// <summary>Awaits the outcome of one more message.</summary>
    /// <param name="packetId">Its.</param>
    /// <param name="outcomes">How often it is <see cref="Produced"/> or <see cref="Complete"/>.</param>
    /// <param name="activity">Ends with it.</param>
    /// <param name="isRetained">Who subscribes meanwhile waits for it (<see cref="RetainedWrites"/>).</param>
    /// <returns>By which it is known.</returns>
    public ulong Begin(ushort packetId, int outcomes, Activity? activity = null, bool isRetained = false)
    {
        lock (_gate)
        {
            if (_next - _first == (ulong)_ring.Length)
            {
                Grow();
            }

            At(_next) = new() { PacketId = packetId, Outcomes = outcomes, Activity = activity, Retained = isRetained ? retained.Begin() : null };
            client.Server.Metrics.UnderWay(1);
            return _next++;
        }
    }

    public void Produced(ulong tag, in ProduceOutcome outcome) =>
        Complete(tag, outcome.IsWritten ? default(MqttError?) : ProduceFailure.Of(outcome.Cause, outcome.Message));

    /// <summary>One outcome is there.</summary>
    /// <param name="tag">As <see cref="Begin"/> gave it.</param>
    /// <param name="error">Null: a good one.</param>
    public void Complete(ulong tag, MqttError? error)
    {
        lock (_gate)
        {
            ref var entry = ref At(tag);
            entry.Error ??= error;
            if (--entry.Outcomes == 0 && entry.Retained is { } written)
            {
                retained.End(written);
            }

            while (_first < _next && At(_first).Outcomes == 0)
            {
                Acknowledge(At(_first));
                At(_first++) = default;
            }

            if (_first == _next && _ring.Length > Smallest)
            {
                _ring = [];
            }

            _below?.TrySetResult();
            _below = null;
        }
    }

    /// <summary>Completes when fewer wait than at present.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_first == _next)
            {
                return Task.CompletedTask;
            }

            _below ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _below.Task.WaitAsync(cancellationToken);
        }
    }

    private void Acknowledge(in Entry entry)
    {
        client.Server.Metrics.UnderWay(-1);
        if (entry.Activity is { } activity)
        {
            if (entry.Error is { } fault)
            {
                activity.SetStatus(ActivityStatusCode.Error, fault.Cause);
            }

            activity.Stop();
        }

        if (entry.Error is not { } error)
        {
            output.Write(new AcknowledgePacket(type, entry.PacketId));
            return;
        }

        client.Server.Metrics.RefusedWith(type, error.Reason);
        if (client.Version == MqttVersion.V311)
        {
            // It cannot be told that this message alone failed, and must not be told that it did not: it will send it again.
            output.Disconnect(error);
            return;
        }

        output.Write(new AcknowledgePacket(type, entry.PacketId, error.Reason) { Properties = client.WantsReasons ? ReasonText.Of(error) : default });
    }

    private ref Entry At(ulong number) => ref _ring[number % (ulong)_ring.Length];

    private void Grow()
    {
        var larger = new Entry[Math.Max(Smallest, 2 * _ring.Length)];
        for (var number = _first; number < _next; number++)
        {
            larger[number % (ulong)larger.Length] = At(number);
        }

        _ring = larger;
    }

    private record struct Entry
    {
        public ushort PacketId { get; init; }
        public int Outcomes { get; set; }
        public MqttError? Error { get; set; }
        public Activity? Activity { get; init; }
        public ulong? Retained { get; init; }
    }
}
