namespace Zilla.Config.Watching;

/// <summary>
/// Delays between attempts to reach Control: doubling from 200 ms to 5 s, each with up to half of it taken off at random, so that a fleet which
/// lost its Control at one moment does not come back at one moment.
/// </summary>
/// <param name="random">Uniform in [0, 1).</param>
internal sealed class ReconnectBackoff(Func<double> random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        var delay = _next;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return delay * (1 - (random() / 2));
    }

    public void Reset() => _next = First;
}
