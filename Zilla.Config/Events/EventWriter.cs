using System.Threading.Channels;

namespace Zilla.Config.Events;

/// <summary>
/// Writes lines without having anybody wait for it: when more come than can be written, the last ones are left out, and a line says how many. Lines that
/// are still there at the end are written.
/// </summary>
internal sealed class EventWriter : IDisposable
{
    private const int MostWaiting = 16_384;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly TextWriter _output;
    private readonly Task _writing;
    private long _left;

    public EventWriter(TextWriter output)
    {
        _output = output;
        _writing = Task.Run(WriteAsync);
    }

    public void Write(string line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _left);
        }
    }

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writing.Wait(Farewell);
    }

    private async Task WriteAsync()
    {
        while (await _lines.Reader.WaitToReadAsync())
        {
            while (_lines.Reader.TryRead(out var line))
            {
                await _output.WriteLineAsync(line);
            }

            if (Interlocked.Exchange(ref _left, 0) is > 0 and var left)
            {
                await _output.WriteLineAsync(FormattableString.Invariant($"{left} events were not written: there were too many"));
            }

            await _output.FlushAsync();
        }
    }
}
