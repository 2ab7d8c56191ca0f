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
        if (Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{pid}-*-socket") is not [var path, ..])
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
