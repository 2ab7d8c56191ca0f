using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>
/// The records of a group and who has them in hand: each goes to one client at a time, until one settles it. Those of a client that has left go to others, before
/// what is new. What is read is bounded: there is more when what is there has found a client. For any thread.
/// </summary>
internal sealed class ShareGroup
{
    // Of records in hand, in bytes; one alone may be larger.
    private const long MostInHand = 16 << 20;

    private readonly Lock _gate = new();
    private readonly ShareMembers<IShareMember> _members = new(member => member.InFlight);
    private readonly ShareProgress _progress = new();
    private readonly Dictionary<(int Partition, long Offset), Held> _held = [];
    private readonly LinkedList<Held> _waiting = new();
    private TaskCompletionSource? _room;
    private long _bytes;

    public int Members
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

    /// <summary>Since it was last written.</summary>
    public bool IsChanged { get; set; }

    public KafkaProgress Read
    {
        get
        {
            lock (_gate)
            {
                return _progress.Read;
            }
        }
    }

    public byte[] Write(string topic)
    {
        lock (_gate)
        {
            IsChanged = false;
            return _progress.Write(topic);
        }
    }

    public void PassTo(KafkaProgress progress)
    {
        lock (_gate)
        {
            _progress.PassTo(progress);
            IsChanged = true;
        }
    }

    public void Join(IShareMember member)
    {
        lock (_gate)
        {
            _members.Add(member);
            Dispatch();
        }
    }

    /// <summary>What the client had not settled goes to others. Gives how many are left.</summary>
    public int Leave(IShareMember member)
    {
        lock (_gate)
        {
            if (_members.Remove(member))
            {
                foreach (var held in _held.Values.Where(held => held.Member == member).OrderByDescending(held => held.Record.Offset))
                {
                    held.Member = null;
                    _waiting.AddFirst(held);
                }

                Dispatch();
            }

            return _members.Count;
        }
    }

    /// <summary>A record has been read. Completes when the next may be.</summary>
    public Task AddAsync(in KafkaRecord record, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_progress.TryAdd(record.Partition, record.Offset))
            {
                var held = new Held(record.Copy());
                _held.Add((record.Partition, record.Offset), held);
                _bytes += held.Bytes;
                _waiting.AddLast(held);
                IsChanged = true;
                Dispatch();
            }

            return WaitForRoomAsync(cancellationToken);
        }
    }

    /// <summary>A client has done with a record that it has in hand, or had before its stream was lost.</summary>
    public void Settle(IShareMember member, int partition, long offset)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue((partition, offset), out var held) || (held.Member is not null && held.Member != member))
            {
                return;
            }

            if (held.Member is null)
            {
                _waiting.Remove(held);
            }
            else
            {
                _members.GiveBack(member);
            }

            _held.Remove((partition, offset));
            _bytes -= held.Bytes;
            _progress.Settle(partition, offset);
            IsChanged = true;
            Dispatch();
        }
    }

    public void Break(StreamBrokenException why)
    {
        lock (_gate)
        {
            foreach (var member in _members.All)
            {
                member.Break(why);
            }
        }
    }

    private Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (HasRoom)
        {
            return Task.CompletedTask;
        }

        _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _room.Task.WaitAsync(cancellationToken);
    }

    private bool HasRoom => _waiting.Count == 0 && _bytes < MostInHand;

    private void Dispatch()
    {
        while (_waiting.First is { } first && _members.Take() is { } member)
        {
            _waiting.RemoveFirst();
            first.Value.Member = member;
            member.Deliver(first.Value.Record);
        }

        if (HasRoom && _room is { } room)
        {
            _room = null;
            room.TrySetResult();
        }
    }

    private sealed class Held(KafkaRecord record)
    {
        public KafkaRecord Record => record;

        public int Bytes { get; } = 128 + record.Encoded.Length + record.Value.Length;

        /// <summary>Who has it in hand; null: it waits.</summary>
        public IShareMember? Member { get; set; }
    }
}
