using System.Collections.Concurrent;
using System.Text;
using Zilla.EdgeMqtt.Packets;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>Publishes numbers one after the other, a few at a time, and sends again, with DUP, what was not acknowledged when it comes back.</summary>
internal sealed class Publisher(MqttSuite suite, string id, QualityOfService qos, string topic, int edge, bool isPaused = false, MqttVersion version = MqttVersion.V5, bool retain = false)
    : MqttClient(suite, id, edge, version: version)
{
    private const int Window = 4;

    private readonly Lock _gate = new();
    private readonly List<Message> _pending = [];
    private readonly ConcurrentQueue<int> _acknowledged = new();
    private readonly CancellationTokenSource _enough = new();
    private Task? _publishing;
    private volatile bool _paused = isPaused;
    private int _next;

    public QualityOfService QoS => qos;

    /// <summary>Numbers, in the order of their PUBACK or PUBCOMP.</summary>
    public IReadOnlyCollection<int> Acknowledged => _acknowledged;

    /// <summary>What was answered with a failure.</summary>
    public int Refused { get; private set; }

    public string Payload(int number) => $"{Id} {number}";

    /// <summary>Begins to publish, if it was made to wait.</summary>
    public void Resume() => _paused = false;

    /// <summary>Publishes no more, and waits until all is acknowledged.</summary>
    public async Task FinishAsync()
    {
        await _enough.CancelAsync();
        await (_publishing ?? Task.CompletedTask);
        await Eventually.HoldsAsync(() => Pending() == 0, TimeSpan.FromSeconds(90), $"all is acknowledged, {Story}");
    }

    public override async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await (_publishing ?? Task.CompletedTask);
        await base.DisposeAsync();
        _enough.Dispose();
    }

    protected override void OnConnected(bool sessionPresent)
    {
        _publishing ??= PublishAsync();
        lock (_gate)
        {
            foreach (var message in _pending)
            {
                Send(message, again: true);
            }
        }
    }

    protected override void OnPacket(MqttFrame frame)
    {
        if (frame.Type is not (PacketType.Puback or PacketType.Pubrec or PacketType.Pubcomp) || !AcknowledgePacket.TryRead(frame, Version, out var answer, out _))
        {
            return;
        }

        lock (_gate)
        {
            if (_pending.Find(m => m.PacketId == answer.PacketId) is not { } message)
            {
                return;
            }

            // A PUBREL that is repeated may find that it was done with before: PUBCOMP is the end, whatever it says.
            if (answer.Reason >= ReasonCode.UnspecifiedError && answer.Type != PacketType.Pubcomp)
            {
                Refused++;
                Note($"{answer.Type} {answer.Reason} {answer.Properties.ReasonString}");
                _pending.Remove(message);
            }
            else if (answer.Type == PacketType.Pubrec)
            {
                message.Released = true;
                Send(message, again: true);
            }
            else
            {
                _pending.Remove(message);
                _acknowledged.Enqueue(message.Number);
            }
        }
    }

    private int Pending()
    {
        lock (_gate)
        {
            return _pending.Count;
        }
    }

    private async Task PublishAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await pace.WaitForNextTickAsync(_enough.Token))
            {
                lock (_gate)
                {
                    if (!_paused && _pending.Count < Window)
                    {
                        var message = new Message(_next, (ushort)((_next % ushort.MaxValue) + 1));
                        _next++;
                        _pending.Add(message);
                        Send(message, again: false);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private void Send(Message message, bool again)
    {
        if (message.Released)
        {
            Send(w => new AcknowledgePacket(PacketType.Pubrel, message.PacketId).Write(w, Version));
            return;
        }

        Send(w => new PublishPacket
        {
            Topic = topic,
            PacketId = message.PacketId,
            QualityOfService = qos,
            IsDuplicate = again,
            Retain = retain,
            Payload = new(Encoding.UTF8.GetBytes(Payload(message.Number))),
        }.Write(w, Version));
    }

    private sealed record Message(int Number, ushort PacketId)
    {
        /// <summary>PUBREC has come.</summary>
        public bool Released { get; set; }
    }
}
