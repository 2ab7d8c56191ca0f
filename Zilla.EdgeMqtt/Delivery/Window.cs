using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>What a client has been sent with QoS 1 and 2 and has not settled, and what its session has to know of that, in the order in which it happened.</summary>
/// <remarks>
/// The progress of a topic waits for the lowest message that is unsettled and that the session does not know of by its packet id. Where a message of QoS 2 goes out,
/// the session is told of all that are under way, and the progress goes past them: so nothing that has been completed lies above it, to be sent twice.
/// </remarks>
internal sealed class Window(ISession session, ushort receiveMaximum)
{
    private readonly Lock _gate = new();
    private readonly PacketIds _ids = new();
    private readonly Dictionary<string, TopicProgress> _topics = [];
    private readonly List<uint> _settled = [];
    private int _unconfirmed;
    private long _lastNumber;

    public SendQuota Quota { get; } = new(receiveMaximum);

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
                progress?.Add(entry);
            }

            foreach (var next in passed)
            {
                progress?.Pass(next);
            }

            return isRecorded ? RecordAsync(progress is not null ? progress.Open : entries.OfType<InFlight>(), cancellationToken) : Task.CompletedTask;
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
                if (_ids.TryAdd(entry))
                {
                    // Those that wait for PUBCOMP alone count only as far as there is room: there will be no PUBLISH for them.
                    entry.HasSlot = entry.IsReceived && Quota.TryTake();
                    restored.Add(entry);
                }
            }

            DeliveryTelemetry.InFlight.Add(restored.Count);
            return restored;
        }
    }

    /// <summary>A restored message takes a slot that was taken for it. False: it has been settled meanwhile, and the slot is given back.</summary>
    public bool TryHold(InFlight entry)
    {
        lock (_gate)
        {
            if (!entry.IsSettled)
            {
                entry.HasSlot = true;
                return true;
            }
        }

        Quota.GiveBack(1);
        return false;
    }

    public bool TryFind(ushort packetId, out InFlight entry)
    {
        lock (_gate)
        {
            return _ids.TryFind(packetId, out entry!);
        }
    }

    /// <summary>Its packet id is free.</summary>
    public void Settle(InFlight entry)
    {
        lock (_gate)
        {
            if (!_ids.Remove(entry))
            {
                return;
            }

            entry.IsSettled = true;
            entry.OpenIn?.Settle(entry);
            if (entry.IsRecorded)
            {
                _settled.Add(entry.PacketId);
            }
        }

        Quota.GiveBack(entry.HasSlot ? 1 : 0);
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
            DeliveryTelemetry.InFlight.Add(-_ids.Count);
            foreach (var progress in _topics.Values)
            {
                progress.IsChanged |= _unconfirmed > 0;
            }

            Report(ReportOf(_ids.All.Where(e => _unconfirmed > 0 || !e.IsRecorded)));
        }
    }

    private void Report(MqttDelivery report)
    {
        AddChanges(report);
        if (report.CalculateSize() > 0)
        {
            session.Report(report);
        }
    }

    private async Task RecordAsync(IEnumerable<InFlight> unrecorded, CancellationToken cancellationToken)
    {
        var report = ReportOf(unrecorded);
        AddChanges(report);
        Interlocked.Increment(ref _unconfirmed);
        try
        {
            await session.RecordAsync(report, cancellationToken);
        }
        catch (StreamBrokenException e)
        {
            // Not to be taken for a feed that is lost: what was entered would wait for ever to be sent.
            throw new SessionRefusedException(ReasonCode.ImplementationSpecificError, e.Message);
        }

        Interlocked.Decrement(ref _unconfirmed);
    }

    private InFlight Enter(in Outgoing outgoing)
    {
        var record = outgoing.Message.Record;
        var entry = new InFlight(_ids.Next(), ++_lastNumber, outgoing.QualityOfService, outgoing.Topic, (record.Partition, record.Offset))
        {
            Share = outgoing.Share,
            IsRetained = outgoing.IsRetained,
            HasSlot = true,
        };
        _ids.TryAdd(entry);
        DeliveryTelemetry.InFlight.Add(1);
        return entry;
    }

    /// <summary>Of a share the group keeps what is under way.</summary>
    private static MqttDelivery ReportOf(IEnumerable<InFlight> entries)
    {
        var report = new MqttDelivery();
        report.Sent.Add(entries.Where(e => e.Share is null).OrderBy(e => e.Number).ToArray().Select(e => e.Tell()));
        return report;
    }

    private void AddChanges(MqttDelivery report)
    {
        foreach (var progress in _topics.Values)
        {
            if (progress.IsChanged)
            {
                progress.AddTo(report);
            }
        }

        report.Settled.Add(_settled);
        _settled.Clear();
    }
}
