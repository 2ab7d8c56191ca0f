using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Zilla.Load.Processes;

/// <summary>
/// Has a process of .NET collect its garbage, so that what is looked at afterwards is what it holds. Asked through the diagnostic port of its runtime, a Unix socket in the
/// temporary folder (".NET diagnostic IPC protocol"): who begins a trace of the runtime with the keyword GCHeapCollect has it collect everything first.
/// </summary>
/// <remarks>
/// <code>
///   header    "DOTNET_IPC_V1" 00 | length of all u16 | 02 EventPipe | 02 begin, 01 stop | 0000          little endian
///   begin     buffer, MiB u32 | 1 nettrace u32 | providers u32 | each: keywords u64 | level u32 | name | filter
///   string    characters u32, the null behind them among them | UTF-16
///   answer    header, whose command set is FF and command 00 if it was obeyed | session u64 | then the trace
///   stop      session u64
/// </code>
/// </remarks>
internal static class GarbageCollection
{
    private const int HeaderLength = 20, CommandSetAt = 16, CommandAt = 17;
    private const byte EventPipe = 2, Begin = 2, Stop = 1, Server = 0xFF, Obeyed = 0;
    private const ulong HeapCollect = 0x80_0000;
    private const uint Informational = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static ReadOnlySpan<byte> Magic => "DOTNET_IPC_V1\0"u8;

    /// <summary>Collects; false: the process is none of .NET's, or has no diagnostic port.</summary>
    public static async Task<bool> ForceAsync(int pid)
    {
        var path = Path.Combine(Path.GetTempPath(), $"dotnet-diagnostic-{pid}-{await StartedAsync(pid)}-socket");
        if (!File.Exists(path))
        {
            return false;
        }

        using var patience = new CancellationTokenSource(Patience);
        using var trace = await AskAsync(path, Begin, BeginPayload(), patience.Token);
        var session = new byte[sizeof(ulong)];
        await trace.ReadExactlyAsync(session, patience.Token);
        var drained = trace.CopyToAsync(Stream.Null, patience.Token);
        using var stopped = await AskAsync(path, Stop, session, patience.Token);
        await drained;
        return true;
    }

    /// <summary>When it was started, by the kernel's clock: what tells its socket from those of others with the same id, which were killed and have left theirs.</summary>
    /// <remarks><c>/proc/pid/stat</c>: field 22, of which the second, in brackets, is the program's name.</remarks>
    private static async Task<string> StartedAsync(int pid) =>
        (await File.ReadAllTextAsync($"/proc/{pid}/stat")).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[22 - 3];

    /// <summary>Sends a command; what follows the header of a good answer is still to be read.</summary>
    private static async Task<Stream> AskAsync(string path, byte command, byte[] payload, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            var stream = new NetworkStream(socket, ownsSocket: true);
            var header = new byte[HeaderLength];
            Magic.CopyTo(header);
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(Magic.Length), (ushort)(HeaderLength + payload.Length));
            (header[CommandSetAt], header[CommandAt]) = (EventPipe, command);
            await stream.WriteAsync((byte[])[.. header, .. payload], cancellation);
            await stream.ReadExactlyAsync(header, cancellation);
            return header.AsSpan().StartsWith(Magic) && header[CommandSetAt] == Server && header[CommandAt] == Obeyed
                ? stream
                : throw new IOException($"The runtime behind {path} refused command {command}.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static byte[] BeginPayload()
    {
        using var payload = new MemoryStream();
        using var writer = new BinaryWriter(payload);
        writer.Write(1u);
        writer.Write(1u);
        writer.Write(1u);
        writer.Write(HeapCollect);
        writer.Write(Informational);
        WriteString(writer, "Microsoft-Windows-DotNETRuntime");
        WriteString(writer, "");
        writer.Flush();
        return payload.ToArray();
    }

    private static void WriteString(BinaryWriter writer, string text)
    {
        writer.Write((uint)text.Length + 1);
        writer.Write(Encoding.Unicode.GetBytes($"{text}\0"));
    }
}
