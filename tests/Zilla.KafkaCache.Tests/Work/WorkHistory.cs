using Zilla.KafkaCache.Work;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Work;

/// <summary>
/// A partition with calls that overlap, edges that come and go, some with a configuration that does not know all calls, a group that is read, committed and, now and then, taken up by a new owner from what was committed. Looks at everything that edges are
/// given: a call is given from its first record on, in order, without a gap.
/// </summary>
internal sealed class WorkHistory : IDisposable
{
    private readonly Random _random;
    private readonly long _lookback;
    private readonly TestMeters _meters = new();
    private readonly WorkTelemetry _telemetry;
    private readonly List<Made> _log = [];
    private readonly List<Made> _writing = [];
    private readonly List<Edge> _edges = [];
    private WorkGroup _group = null!;
    private PartitionCalls _partition = null!;
    private long? _committed;
    private int _read;
    private int _owners;

    /// <param name="seed">Of all that happens.</param>
    /// <param name="lookback">If it is short, no call is answered before its end and owners change once: what comes so long after cannot always be told from a new call.</param>
    public WorkHistory(int seed, long lookback)
    {
        (_random, _lookback) = (new(seed), lookback);
        _telemetry = new(_meters);
        Own();
    }

    /// <summary>Calls whose records are all there.</summary>
    public List<Made> Calls { get; } = [];

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            Step();
        }

        // Everything comes to its end.
        while (_writing.Count > 0)
        {
            Write(_writing[0], isEnd: true);
        }

        Join(knowsAll: true);
        while (_read < _log.Count || _edges.Any(edge => edge.UnderWay.Count > 0))
        {
            Read();
            _edges.ForEach(edge => edge.UnderWay.Keys.ToList().ForEach(call => Finish(edge, call)));
        }

        Commit();
    }

    public long Committed => _committed ?? 0;

    public int Length => _log.Count;

    public void Dispose()
    {
        _telemetry.Dispose();
        _meters.Dispose();
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case < 3 when _writing.Count < 6:
                var begun = new Made($"call-{_random.Next(12)}");
                if (_writing.TrueForAll(call => call.Id != begun.Id))
                {
                    _writing.Add(begun);
                    Calls.Add(begun);
                    Write(begun, isEnd: false);
                }

                break;
            case < 7 when _writing.Count > 0:
                Write(_writing[_random.Next(_writing.Count)], isEnd: _random.Next(3) == 0);
                break;
            case < 13:
                Read();
                break;
            case < 16 when _edges.Count > 0 && _edges[_random.Next(_edges.Count)] is { UnderWay.Count: > 0 } edge:
                Finish(edge, edge.UnderWay.Keys.ElementAt(_random.Next(edge.UnderWay.Count)));
                break;
            case 16 when _edges.Count < 3:
                Join(knowsAll: _random.Next(2) == 0);
                break;
            case 17 when _edges.Count > 0:
                var leaving = _edges[_random.Next(_edges.Count)];
                _edges.Remove(leaving);
                _group.Leave(leaving);
                break;
            case 18:
                Commit();
                break;
            case 19 when _random.Next(4) == 0 && (_owners == 1 || _lookback == PartitionCalls.Lookback):
                Own();
                break;
        }
    }

    private void Write(Made call, bool isEnd)
    {
        call.Offsets.Add(_log.Count);
        _log.Add(call);
        if (isEnd)
        {
            call.IsEnded = true;
            _writing.Remove(call);
        }
    }

    private void Read()
    {
        if (_read < _log.Count)
        {
            var offset = _read++;
            var call = _log[offset];
            _ = _group.AddAsync(_partition, Record(offset, call.IsEnded && call.Offsets[^1] == offset), call.Id, CancellationToken.None);
        }
    }

    /// <summary>An edge may be done before the call's end has come.</summary>
    private void Finish(Edge edge, WorkCall call)
    {
        var made = _log[(int)call.First];
        if (!edge.Knows(call))
        {
            edge.UnderWay.Remove(call);
            _group.Refuse(edge, call.Number, "no route");
            return;
        }

        if (!call.IsEnded && _lookback < PartitionCalls.Lookback)
        {
            return;
        }

        Assert.Equal(made.Offsets.Take(edge.UnderWay[call]), call.Records.Select(record => (int)record.Offset));
        made.Times++;
        edge.UnderWay.Remove(call);
        Assert.Same(call, _group.Release(edge, call.Number));
        _group.Finish(call);
    }

    private void Join(bool knowsAll)
    {
        var edge = new Edge(this, knowsAll);
        _edges.Add(edge);
        _group.Join(edge);
    }

    private void Commit()
    {
        var committable = _group.Position(_partition).Committable;
        Assert.True(committable >= Committed, $"{committable} after {_committed}");
        _committed = committable;
        Assert.All(Calls, call => Assert.True(call.Times > 0 || call.Offsets[0] >= committable, $"{call.Id} at {call.Offsets[0]} is lost behind {committable}"));
    }

    /// <summary>A replica that knows what was committed and nothing else.</summary>
    private void Own()
    {
        _owners++;
        _edges.Clear();
        _group = new(new(1000, 1 << 30, TimeSpan.FromDays(1), TimeSpan.FromDays(1)), _telemetry, TimeProvider.System);
        _partition = new("calls", 0, _committed, _lookback);
        _read = (int)_group.Position(_partition).Next;
    }

    private static KafkaRecord Record(long offset, bool isEnd)
    {
        var head = new KafkaRecordHead { Offset = offset, IsTombstone = isEnd };
        var encoded = KafkaRecordCodec.Encode(head, []);
        Assert.True(KafkaRecordCodec.TryRead(encoded, default, out var record));
        return record;
    }

    internal sealed class Made(string id)
    {
        public string Id => id;
        public List<int> Offsets { get; } = [];
        public bool IsEnded { get; set; }
        public int Times { get; set; }
    }

    private sealed class Edge(WorkHistory history, bool knowsAll) : IWorkMember
    {
        public bool Knows(WorkCall call) => knowsAll || call.Id.Length % 2 == 0;

        /// <summary>How many records of each call it has.</summary>
        public Dictionary<WorkCall, int> UnderWay { get; } = [];

        public int Calls => 3;

        public void Deliver(WorkCall call, KafkaRecord record)
        {
            var has = UnderWay.GetValueOrDefault(call);
            Assert.Equal(history._log[(int)record.Offset].Offsets[has], (int)record.Offset);
            UnderWay[call] = has + 1;
        }

        public void GiveUp(WorkCall call, WorkAnswer? answer) => Assert.Fail("Nobody gives up");
    }
}
