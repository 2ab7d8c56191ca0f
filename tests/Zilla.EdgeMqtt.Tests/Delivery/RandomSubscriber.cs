using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>A client as the standard has it (§4.3.3, method A of figure 4.3), over several connections: it takes a message of QoS 2 once for each packet id until PUBREL.</summary>
internal sealed class RandomSubscriber(Random random)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _seen = [];
    private readonly HashSet<string> _exactly = [];
    private readonly HashSet<ushort> _waiting = [];
    private int _answers;

    public int Seen
    {
        get
        {
            lock (_gate)
            {
                return _seen.Count;
            }
        }
    }

    /// <summary>It does not answer any more.</summary>
    public bool IsTired => Volatile.Read(ref _answers) <= 0;

    /// <summary>Messages of QoS 2 that came more than once.</summary>
    public IReadOnlyList<string> SeenTwice
    {
        get
        {
            lock (_gate)
            {
                return [.. _exactly.Where(payload => _seen[payload] > 1)];
            }
        }
    }

    public void Follow(Client client, int answers)
    {
        Volatile.Write(ref _answers, answers);
        client.Output.Received = sent => Take(client, sent);
    }

    private void Take(Client client, Sent sent)
    {
        bool answers;
        lock (_gate)
        {
            var isExact = sent.QualityOfService == QualityOfService.ExactlyOnce;
            if (sent.Type == PacketType.Pubrel)
            {
                _waiting.Remove(sent.PacketId);
            }
            else if (!isExact || _waiting.Add(sent.PacketId))
            {
                _seen[sent.Payload] = _seen.GetValueOrDefault(sent.Payload) + 1;
                if (isExact)
                {
                    _exactly.Add(sent.Payload);
                }
            }

            answers = _answers > 0;
            _answers -= random.Next(2);
        }

        if (answers && sent.Type == PacketType.Pubrel)
        {
            client.Delivery.Acknowledge(PacketType.Pubcomp, sent.PacketId, ReasonCode.Success);
        }
        else if (answers)
        {
            client.Acknowledge(sent);
        }
    }
}
