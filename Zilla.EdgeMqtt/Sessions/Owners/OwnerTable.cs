using System.Text;
using Zilla.Streams.Kafka;
using Zilla.Streams.Mqtt;

namespace Zilla.EdgeMqtt.Sessions.Owners;

/// <summary>Who owns the sessions of one space, as this edge knows it; <see cref="OwnerFeed"/> tells it. For any thread.</summary>
internal sealed class OwnerTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, SessionOwner> _owners = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _latest = -1;
    private volatile int _partitions;

    /// <summary>A partition has another owner, or the same in a new epoch. Raised in the order of the changes, never for two at a time; handlers return quickly.</summary>
    public event Action<SessionOwner>? Changed;

    /// <summary>How many partitions keys are spread over; 0 while nobody owns anything.</summary>
    public int Partitions => _partitions;

    /// <summary>Completes at the next change.</summary>
    public Task Change
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>The partition of a client id, or of a share's group (<c>$share/name/filter</c>); -1 while <see cref="Partitions"/> is 0.</summary>
    public int PartitionOf(string key) => _partitions is > 0 and var partitions ? Murmur2.Partition(Encoding.UTF8.GetBytes(key), partitions) : -1;

    /// <summary>The owner of a key, if one is known.</summary>
    public SessionOwner? Find(string key)
    {
        lock (_gate)
        {
            return _owners.GetValueOrDefault(PartitionOf(key));
        }
    }

    /// <summary>Takes a record of the owners topic; older ones than what is known change nothing.</summary>
    /// <param name="claim">Its content.</param>
    /// <param name="epoch">Its offset.</param>
    public void Take(OwnerClaim claim, long epoch)
    {
        lock (_gate)
        {
            if (_owners.TryGetValue(claim.Partition, out var known) && known.Epoch >= epoch)
            {
                return;
            }

            var owner = new SessionOwner(claim.Partition, claim.Instance, epoch);
            _owners[claim.Partition] = owner;
            if (epoch > _latest)
            {
                (_latest, _partitions) = (epoch, claim.Partitions);
            }

            Changed?.Invoke(owner);
            Pulse();
        }
    }

    /// <summary>The topic is another one than before: epochs begin anew.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _owners.Clear();
            (_latest, _partitions) = (-1, 0);
            Pulse();
        }
    }

    private void Pulse()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
