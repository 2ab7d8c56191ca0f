using System.Diagnostics;
using System.Globalization;

namespace Zilla.Bootstrap;

/// <summary>
/// Progress for a person who waits. Inside a build our standard output belongs to the build engine, which shows little of it (<c>dotnet run</c>: nothing),
/// so the lines go straight to the terminal or pipe that the build itself writes its errors to; see <see cref="BuildTerminal"/>.
/// </summary>
internal sealed class Report : IDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);
    private readonly TextWriter _direct;
    private readonly Lock _gate = new();
    private readonly string _before;
    private readonly string _after;

    private Report(TextWriter direct, bool aboveLiveDisplay)
    {
        _direct = direct;
        // The build engine repaints a blank line and a status line in place. We wipe the two, write ours, and leave two lines for it to paint on.
        (_before, _after) = aboveLiveDisplay ? ("\e[2F\e[J", "\n\n\n") : ("", "\n");
    }

    /// <param name="insideBuild">Whether a build runs us.</param>
    /// <param name="liveDisplay">Whether that build repaints its status in place when it writes to a terminal.</param>
    public static Report Open(bool insideBuild, bool liveDisplay) =>
        insideBuild && BuildTerminal.Open() is { } terminal ? new(terminal.Writer, terminal.IsTerminal && liveDisplay) : new(Console.Out, aboveLiveDisplay: false);

    public static Report To(TextWriter writer) => new(writer, aboveLiveDisplay: false);

    public void Say(string line)
    {
        lock (_gate)
        {
            try
            {
                _direct.Write($"{_before}zilla: {line}{_after}");
                _direct.Flush();
            }
            catch (IOException)
            {
                // Nobody reads the build's output any more; the work goes on.
            }
        }
    }

    /// <summary>Errors in the form that the build engine recognises in a tool's output, so that every kind of build shows them.</summary>
    public void Refuse(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Console.Error.WriteLine($"zilla : error ZILLA0001: {line}");
        }
    }

    /// <summary>Says what is done, and every few seconds that it still is.</summary>
    public async Task<T> WatchAsync<T>(string what, Task<T> work, Func<string>? detail = null)
    {
        Say(what);
        var started = Stopwatch.GetTimestamp();
        while (await Task.WhenAny(work, Task.Delay(Heartbeat)) != work)
        {
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
            Say($"{what}: {detail?.Invoke()}{seconds} s");
        }

        return await work;
    }

    public void Dispose()
    {
        if (_direct != Console.Out)
        {
            _direct.Dispose();
        }
    }
}
