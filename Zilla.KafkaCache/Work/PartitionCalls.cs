using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Work;

/// <summary>
/// The calls in one partition: which records are whose, and what may be committed. Calls overlap, and a restart knows nothing but the committed offset: below it all calls are over, but
/// some of them may go on above. So reading begins <see cref="Lookback"/> before it, only to see which ids are open there; what of these follows, up to the null value, is passed over.
/// For one caller at a time.
/// </summary>
/// <remarks><code>
/// offset     0    1    2    3    4    5        A, B: calls; ' ends one
/// record     A    B    A'   C    B'   C'
/// over       A         A                       committed: 1, the first of B. Restart: A' is passed over, since A is open at 1
/// </code></remarks>
/// <param name="topic">Of Kafka.</param>
/// <param name="partition">Its number.</param>
/// <param name="committed">The group's offset; null: it has none and begins at the beginning.</param>
/// <param name="lookback">Offsets that are read before it. Of a call that is over and spans more than this no more is committed than they reach, unless all of it is.</param>
internal sealed class PartitionCalls(string topic, int partition, long? committed, long lookback = PartitionCalls.Lookback)
{
    public const long Lookback = 10_000;

    private const int MostPassed = 65_536;

    private readonly Dictionary<string, WorkCall> _open = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, WorkCall> _unfinished = [];
    private readonly PassedCalls _passed = new(MostPassed);
    private readonly List<(long First, long Last)> _wide = [];

    public string Topic => topic;

    public int Partition => partition;

    /// <summary>The offset that is read next.</summary>
    public long Next { get; private set; } = committed is { } at ? Math.Max(0, at - lookback) : 0;

    public int Unfinished => _unfinished.Count;

    public IReadOnlyCollection<WorkCall> Open => _open.Values;

    public IEnumerable<WorkCall> All => _unfinished.Values;

    /// <summary>It is another replica's, or about to be: no more calls are taken from it.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>It is read only to see which ids are open behind it.</summary>
    public bool IsConsumed(long offset) => offset < committed;

    /// <summary>What lies below is read.</summary>
    public void PassTo(long offset) => Next = Math.Max(Next, offset);

    /// <summary>A record of a call has been read. Gives the call it belongs to, a new one perhaps; null: none, it was read before or is what is left of one that is over.</summary>
    public WorkCall? Take(in KafkaRecord record, string id, long now, Func<ulong> number)
    {
        if (record.Offset < Next)
        {
            return null;
        }

        Next = record.Offset + 1;
        if (IsConsumed(record.Offset) || _passed.Contains(id))
        {
            Pass(id, record.IsTombstone);
            return null;
        }

        if (!_open.TryGetValue(id, out var call))
        {
            call = new WorkCall(number(), id, this, record.Offset);
            _open.Add(id, call);
            _unfinished.Add(call.First, call);
        }

        call.Add(record, now);
        if (call.IsEnded)
        {
            _open.Remove(id);
        }

        return call;
    }

    /// <summary>The call is answered: what of it is still to come is nobody's.</summary>
    public void Finish(WorkCall call)
    {
        Close(call);
        if (_unfinished.Remove(call.First) && call.Last - call.First > lookback)
        {
            _wide.Add((call.First, call.Last));
        }
    }

    /// <summary>No more records are taken for the call.</summary>
    public void Close(WorkCall call)
    {
        if (_open.GetValueOrDefault(call.Id) == call)
        {
            _open.Remove(call.Id);
            Pass(call.Id, isEnd: false);
        }
    }

    /// <summary>The lowest offset below which all calls are over, and from which on a restart finds its way; never below what is committed.</summary>
    public long Committable
    {
        get
        {
            var next = _unfinished.Count > 0 ? _unfinished.First().Key : Next;
            while (_wide.FindIndex(call => call.First + lookback < next && call.Last >= next) is >= 0 and var wide)
            {
                next = _wide[wide].First + lookback;
            }

            _wide.RemoveAll(call => call.Last < next);
            return Math.Max(next, committed ?? 0);
        }
    }

    private void Pass(string id, bool isEnd)
    {
        if (isEnd)
        {
            _passed.Remove(id);
        }
        else
        {
            _passed.Add(id);
        }
    }
}
