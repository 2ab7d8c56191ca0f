using Zilla.Edge.Http;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp.Files;

/// <summary><c>Prefer: wait=N</c> (reference §2.5): the answer to a condition that a file is as the client has it waits for the file to change.</summary>
internal static class FileWait
{
    /// <summary>A file is looked at so often: its size and time, its content only when they differ.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The file as it is when the request's condition has come true, or when the time is over or the listener closes.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public static async Task<FileContent> ForChangeAsync(Exchange exchange, FileInfo file, FileContent content, TimeSpan wait, HttpGatewayParts parts)
    {
        using var deadline = new CancellationTokenSource(wait, parts.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, exchange.Aborted, exchange.Closing);
        using var timer = new PeriodicTimer(Interval, parts.Time);
        while (Conditions.IsUnchanged(exchange.Request, content) && await TicksAsync(timer, exchange, any.Token))
        {
            file.Refresh();
            if (file.Exists)
            {
                content = await FileContent.ReadAsync(file, exchange.Aborted);
            }
        }

        return content;
    }

    private static async Task<bool> TicksAsync(PeriodicTimer timer, Exchange exchange, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!exchange.Aborted.IsCancellationRequested)
        {
            return false;
        }
    }
}
