namespace Zilla.KafkaCache.Work;

/// <summary>
/// Which edges have no route for a call, and for how long it has had none: the time in which every edge that was there had refused it, all together. Edges that come and refuse it as well do not
/// begin that anew, so it ends however often they come and go; it stands still while one has the call, may have to be asked yet, or while none is there. It begins anew when an edge has gone that had
/// the call for <see cref="Heard"/>: who has no route says so at once, so that one had. For one caller at a time.
/// </summary>
/// <remarks><code>
/// seconds   0 ───────── 40 ────────────── 50 ───────── 110 ──────── 150
/// edges     A refuses   B refuses, goes   C has it     C is lost
/// time      0 ────────▶ 40 ─────────────▶ 50           0 ─────────▶ 40
/// </code></remarks>
internal sealed class WorkRefusals(TimeProvider time)
{
    /// <summary>Who has not refused a call for that long makes it.</summary>
    public static readonly TimeSpan Heard = TimeSpan.FromSeconds(10);

    private readonly HashSet<IWorkMember> _by = [];
    private TimeSpan _before;
    private long? _standsSince;
    private long _givenAt;

    public IReadOnlySet<IWorkMember> By => _by;

    /// <summary>In the words of the last.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>How long the call has had no route.</summary>
    public TimeSpan Time => _before + (_standsSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero);

    public void Add(IWorkMember member, string reason)
    {
        _by.Add(member);
        Reason = reason;
    }

    /// <summary>The edge is not there any more.</summary>
    public void Forget(IWorkMember member) => _by.Remove(member);

    /// <summary>Every edge that is there has refused the call.</summary>
    public void Stand() => _standsSince = time.GetTimestamp();

    /// <summary>One may come to be asked that has not.</summary>
    public void Ask() => (_before, _standsSince) = (Time, null);

    /// <summary>An edge has the call.</summary>
    public void Give() => _givenAt = time.GetTimestamp();

    /// <summary>The edge that had it has gone.</summary>
    public void Lose()
    {
        if (time.GetElapsedTime(_givenAt) >= Heard)
        {
            _before = TimeSpan.Zero;
        }
    }
}
