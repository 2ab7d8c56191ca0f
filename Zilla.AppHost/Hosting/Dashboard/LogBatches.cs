using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>Gathers lines that are there at once, so that a long log takes few messages and a lone line none of the waiting.</summary>
internal static class LogBatches
{
    public static async IAsyncEnumerable<IReadOnlyList<LogLine>> OfAsync(
        IAsyncEnumerable<LogLine> lines, int most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<LogLine>(most);
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pump = PumpAsync(lines, channel.Writer, abandoned.Token);
        try
        {
            while (await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<LogLine>();
                while (batch.Count < most && channel.Reader.TryRead(out var line))
                {
                    batch.Add(line);
                }

                yield return batch;
            }
        }
        finally
        {
            await abandoned.CancelAsync();
            await pump;
        }
    }

    private static async Task PumpAsync(IAsyncEnumerable<LogLine> lines, ChannelWriter<LogLine> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in lines.WithCancellation(cancellationToken))
            {
                await writer.WriteAsync(line, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            writer.TryComplete();
        }
    }
}
