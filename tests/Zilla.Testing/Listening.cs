using System.Globalization;
using System.Net;

namespace Zilla.Testing;

/// <summary>What a process listens on, as the kernel says (Linux).</summary>
public static class Listening
{
    private const string ListenState = "0A";

    /// <summary>Of every TCP socket that the process accepts connections on.</summary>
    public static IReadOnlyList<IPEndPoint> Of(int process)
    {
        var sockets = Directory.EnumerateFiles($"/proc/{process}/fd").Select(file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name)
            .Where(name => name?.StartsWith("socket:[", StringComparison.Ordinal) == true).Select(name => name!["socket:[".Length..^1]).ToHashSet();
        var rows =
            from table in new[] { $"/proc/{process}/net/tcp", $"/proc/{process}/net/tcp6" }
            where File.Exists(table)
            from line in File.ReadLines(table).Skip(1)
            let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where fields[3] == ListenState && sockets.Contains(fields[9])
            select Parse(fields[1]);
        return [.. rows];
    }

    /// <param name="text">0100007F:1BCA, the address in words of four bytes as this machine has them in memory.</param>
    private static IPEndPoint Parse(string text)
    {
        var (address, port) = (text.Split(':')[0], text.Split(':')[1]);
        var bytes = Convert.FromHexString(address).Chunk(4).SelectMany(word => BitConverter.IsLittleEndian ? word.Reverse() : word).ToArray();
        return new(new IPAddress(bytes) is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : new IPAddress(bytes), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
