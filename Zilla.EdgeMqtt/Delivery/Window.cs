using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>What a client has been sent with QoS 1 and 2 and has not settled: packet ids, the receive maximum, and what its session has to know.</summary>
/// <remarks>
/// The progress of a topic waits for the lowest message that is unsettled and that the session does not know of by its packet id. Where a message of QoS 2 goes out,
/// the session is told of all that are under way, and the progress goes past them: so nothing that has been completed lies above it, to be sent twice.
/// </remarks>
internal sealed class Window(ISession session, ushort receiveMaximum)
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _slots = new(receiveMaximum);
    private readonly Dictionary<ushort, InFlight> _entries = [];
    private readonly Dictionary<string, TopicProgress> _topics = [];
    private readonly List<uint> _settled = [];
    private int _unconfirmed;
    private ushort _lastId;
    private long _lastNumber;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Waits until the client may be sent one message more, and takes as many places as there are, up to <paramref name="most"/>.</summary>
    public async ValueTask<int> TakeSlotsAsync(int most, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        var taken = 1;
        while (taken < most && _slots.Wait(0, CancellationToken.None))
        {
            taken++;
        }

        return taken;
    }

    public void GiveBack(int slots)
    {
        if (slots > 0)
        {
            _slots.Release(slots);
        }
    }

    public TopicProgress Start(string topic, KafkaProgress from)
    {
        lock (_gate)
        {
            return _topics[topic] = new(topic, from);
        }
    }

    /// <summary>No subscription needs the topic any more; what is under way stays so.</summary>
    public void Forget(string topic)
    {
        lock (_gate)
        {
            _topics.Remove(topic);
        }
    }

    public KafkaProgress PassedOf(TopicProgress progress)
    {
        lock (_gate)
        {
            return progress.Passed;
        }
    }

    public void Raise(TopicProgress progress, KafkaProgress to)
    {
        lock (_gate)
        {
            progress.Raise(to);
        }
    }

    /// <summary>
    /// Gives each message that is to be acknowledged its packet id, in one of the slots taken before, and moves the progress on. Returns when what has to be durable
    /// before any of them is sent is so.
    /// </summary>
    public Task EnterAsync(List<Outgoing> batch, InFlight?[] entries, TopicProgress? progress, List<PartitionOffset> passed, CancellationToken cancellationToken)
    {
        // The session is called under the lock: so it hears of everything in the order in which it happened.
        lock (_gate)
        {
            var isRecorded = false;
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch[i].QualityOfService == QualityOfService.AtMostOnce)
                {
                    continue;
                }

                var entry = entries[i] = Enter(batch[i]);
                isRecorded |= (entry.QualityOfService == QualityOfService.ExactlyOnce || entry.IsRetained) && entry.Share is null;
                if (progress is not null)
                {
                    progress.Add(entry);
                }
            }

            foreach (var next in passed)
            {
                progress?.Pass(next);
            }

            return isRecorded ? RecordAsync(Record(entries, progress), cancellationToken) : Task.CompletedTask;
        }
    }

    /// <summary>Takes up what a session had under way. Gives it in the order of sending.</summary>
    public List<InFlight> Restore(IEnumerable<MqttSent> sent)
    {
        lock (_gate)
        {
            var restored = new List<InFlight>();
            foreach (var message in sent.Where(s => s.PacketId is > 0 and <= ushort.MaxValue))
            {
                var entry = new InFlight((ushort)message.PacketId, ++_lastNumber, message.Qos >= 2 ? QualityOfService.ExactlyOnce : QualityOfService.AtLeastOnce,
                    message.Topic, (message.Partition, message.Offset))
                {
                    IsRecorded = true,
                    IsReceived = message.Received,
                    IsRetained = message.Retained,
                };
                if (_entries.TryAdd(entry.PacketId, entry))
                {
                    // Those that wait for PUBCOMP alone count only as far as there is room: there will be no PUBLISH for them.
                    entry.HasSlot = entry.IsReceived && _slots.Wait(0, CancellationToken.None);
                    restored.Add(entry);
                }
            }

            DeliveryTelemetry.InFlight.Add(restored.Count);
            return restored;
        }
    }

    public bool TryFind(ushort packetId, out InFlight entry)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(packetId, out entry!);
        }
    }

    /// <summary>Its packet id is free.</summary>
    public void Settle(InFlight entry)
    {
        lock (_gate)
        {
            if (!_entries.Remove(entry.PacketId))
            {
                return;
            }

            entry.IsSettled = true;
            if (entry.IsRecorded)
            {
                _settled.Add(entry.PacketId);
            }

            if (_topics.TryGetValue(entry.Topic, out var progress))
            {
                progress.IsChanged = true;
            }
        }

        GiveBack(entry.HasSlot ? 1 : 0);
        DeliveryTelemetry.InFlight.Add(-1);
        entry.Share?.Settle(entry.Record.Partition, entry.Record.Offset);
    }

    /// <summary>Tells the session what it has not been told.</summary>
    public void Report()
    {
        lock (_gate)
        {
            Report(new());
        }
    }

    /// <summary>The connection has ended: what is unsettled keeps its packet id.</summary>
    public void ReportLast()
    {
        lock (_gate)
        {
            var report = new MqttDelivery();
            DeliveryTelemetry.InFlight.Add(-_entries.Count);
            foreach (var entry in _entries.Values.Where(e => e.Share is null && (_unconfirmed > 0 || !e.IsRecorded)).OrderBy(e => e.Number))
            {
                entry.IsRecorded = true;
                report.Sent.Add(entry.ToMessage());
            }

            foreach (var progress in _topics.Values)
            {
                progress.IsChanged |= _unconfirmed > 0;
            }

            Report(report);
        }
    }

    private async Task RecordAsync(MqttDelivery record, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _unconfirmed);
        await session.RecordAsync(record, cancellationToken);
        Interlocked.Decrement(ref _unconfirmed);
    }

    private void Report(MqttDelivery report)
    {
        AddChanges(report);
        if (report.CalculateSize() > 0)
        {
            session.Report(report);
        }
    }

    private InFlight Enter(in Outgoing outgoing)
    {
        if (_entries.Count >= ushort.MaxValue)
        {
            throw new InvalidOperationException("All packet ids are in use.");
        }

        do
        {
            // Never the ones that were free last: the session may hear later that they are.
            _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
        }
        while (_entries.ContainsKey(_lastId));

        var record = outgoing.Message.Record;
        var entry = new InFlight(_lastId, ++_lastNumber, outgoing.QualityOfService, outgoing.Topic, (record.Partition, record.Offset))
        {
            Share = outgoing.Share,
            IsRetained = outgoing.IsRetained,
            HasSlot = true,
        };
        _entries.Add(entry.PacketId, entry);
        DeliveryTelemetry.InFlight.Add(1);
        return entry;
    }

    private MqttDelivery Record(InFlight?[] entries, TopicProgress? progress)
    {
        var record = new MqttDelivery();
        var unrecorded = progress is not null ? progress.Open : entries.OfType<InFlight>();
        foreach (var entry in unrecorded.Where(e => e.Share is null).OrderBy(e => e.Number).ToArray())
        {
            entry.IsRecorded = true;
            record.Sent.Add(entry.ToMessage());
        }

        AddChanges(record);
        return record;
    }

    private void AddChanges(MqttDelivery report)
    {
        foreach (var progress in _topics.Values)
        {
            if (progress.IsChanged)
            {
                progress.IsChanged = false;
                report.Progress.Add(progress.ToMessage());
            }
        }

        foreach (var id in _settled)
        {
            report.Settled.Add(id);
        }

        _settled.Clear();
    }
}
