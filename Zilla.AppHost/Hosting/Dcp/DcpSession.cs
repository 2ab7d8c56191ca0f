using System.Diagnostics;
using System.Globalization;

namespace Zilla.AppHost.Hosting.Dcp;

/// <summary>A running orchestrator of our own. It watches this process and ends everything it has started when this process is gone.</summary>
internal sealed class DcpSession : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _folder;

    private DcpSession(DcpClient client, string folder) => (Client, _folder) = (client, folder);

    public DcpClient Client { get; }

    /// <summary>Starts <paramref name="program"/> and returns when it answers.</summary>
    /// <exception cref="IOException">It does not start, or does not answer in time.</exception>
    public static async Task<DcpSession> StartAsync(string program, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("zilla-dcp-").FullName;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartTimeout);
        try
        {
            var kubeconfig = Path.Combine(folder, "kubeconfig");
            await LaunchAsync(program, folder, kubeconfig, deadline.Token);
            return new DcpSession(await ConnectAsync(kubeconfig, deadline.Token), folder);
        }
        catch (Exception failed)
        {
            Remove(folder);
            throw failed switch
            {
                OperationCanceledException when !cancellationToken.IsCancellationRequested => new IOException($"{program} does not answer."),
                System.ComponentModel.Win32Exception => new IOException($"{program} cannot be started: {failed.Message}"),
                _ => failed,
            };
        }
    }

    /// <summary>Ends every process, then the orchestrator.</summary>
    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        var status = await Client.SetExecutionStatusAsync("CleaningResources", cancellationToken);
        while (status is not ("CleanupComplete" or "Stopping"))
        {
            await Task.Delay(Poll, cancellationToken);
            status = await Client.GetExecutionStatusAsync(cancellationToken);
        }

        try
        {
            await Client.SetExecutionStatusAsync("Stopping", cancellationToken);
        }
        catch (Exception closed) when (closed is HttpRequestException or IOException)
        {
            // It may be gone before it answers.
        }

        // Its processes outlive that by a second or two; whoever sees us end may take it that they have ended too.
        while (SessionProcesses.AnyNaming(_folder))
        {
            await Task.Delay(Poll, cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        Remove(_folder);
        return ValueTask.CompletedTask;
    }

    private static async Task LaunchAsync(string program, string folder, string kubeconfig, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program)
        {
            ArgumentList =
            {
                "start-apiserver", "--detach", "--kubeconfig", kubeconfig, "--monitor", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DCP_SESSION_FOLDER"] = folder;
        if (string.IsNullOrEmpty(start.Environment.TryGetValue("HOME", out var home) ? home : null))
        {
            start.Environment["HOME"] = folder;
        }

        using var process = Process.Start(start) ?? throw new IOException($"{program} cannot be started.");
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new IOException($"{program} ended with {process.ExitCode}: {await process.StandardError.ReadToEndAsync(cancellationToken)}");
        }
    }

    private static async Task<DcpClient> ConnectAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (File.Exists(kubeconfig) && Kubeconfig.TryParse(await File.ReadAllTextAsync(kubeconfig, cancellationToken)) is { } parsed)
            {
                var client = new DcpClient(parsed);
                try
                {
                    await client.GetExecutionStatusAsync(cancellationToken);
                    return client;
                }
                catch (HttpRequestException)
                {
                    client.Dispose();
                }
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            // The orchestrator removes it too, and may be at it.
        }
    }
}
