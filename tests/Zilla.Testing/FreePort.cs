using System.Net;
using System.Net.Sockets;

namespace Zilla.Testing;

/// <summary>
/// Finds TCP ports on the loopback interface that nothing listens on. They come from below those that the kernel takes for outgoing connections and those that the AppHost
/// hands out, so that none is lost before its service listens; a file that stays open keeps other test processes off them.
/// </summary>
public static class FreePort
{
    private const int First = 10_000;
    private const int End = 20_000;

    private static readonly string Folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"zilla-test-ports-{Environment.UserName}")).FullName;
    private static readonly List<FileStream> Held = [];

    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            if (TryHold(port) && IsFree(port))
            {
                return port;
            }
        }
    }

    /// <summary>So many, each another.</summary>
    public static int[] Several(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    /// <summary>Until this process ends.</summary>
    private static bool TryHold(int port)
    {
        try
        {
            var file = new FileStream(Path.Combine(Folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            lock (Held)
            {
                Held.Add(file);
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
