using System.Text;

namespace Zilla.Load.Grpc.Wire;

/// <summary>
/// A request's header block (HPACK, RFC 7541), as bytes that are made once: the first on a connection has the headers entered into the server's table, the following ones name the entries.
/// </summary>
internal sealed class RequestHeaders
{
    /// <summary>The static table has so many entries; those of the dynamic one come behind, the newest first.</summary>
    private const int StaticEntries = 61;

    private const byte Indexed = 0x80, NewName = 0x40;

    public RequestHeaders(params ReadOnlySpan<(string Name, string Value)> headers)
    {
        // More would need more than one byte for an index or a length.
        if (headers.Length > 64)
        {
            throw new ArgumentException("Too many headers.", nameof(headers));
        }

        var first = new List<byte>();
        foreach (var (name, value) in headers)
        {
            first.Add(NewName);
            AddText(first, name);
            AddText(first, value);
        }

        First = [.. first];
        Following = new byte[headers.Length];
        for (var i = 0; i < headers.Length; i++)
        {
            Following[i] = (byte)(Indexed | (StaticEntries + headers.Length - i));
        }
    }

    public byte[] First { get; }

    public byte[] Following { get; }

    private static void AddText(List<byte> block, string text)
    {
        if (text.Length > 126)
        {
            throw new ArgumentException("A header is too long.", nameof(text));
        }

        block.Add((byte)text.Length);
        block.AddRange(Encoding.ASCII.GetBytes(text));
    }
}
