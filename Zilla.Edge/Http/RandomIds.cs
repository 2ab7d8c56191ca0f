using System.Security.Cryptography;

namespace Zilla.Edge.Http;

/// <summary>Random identifiers, as good as <see cref="Guid.NewGuid"/>'s (RFC 9562, version 4): that asks the kernel for each of them, this for many at a time.</summary>
public static class RandomIds
{
    private const int Size = 16;
    private const int Ahead = 64;

    [ThreadStatic]
    private static byte[]? Bytes;

    [ThreadStatic]
    private static int Left;

    public static Guid Next()
    {
        var bytes = Bytes ??= new byte[Ahead * Size];
        if (Left == 0)
        {
            RandomNumberGenerator.Fill(bytes);
            Left = Ahead;
        }

        var next = bytes.AsSpan(--Left * Size, Size);
        next[6] = (byte)((next[6] & 0x0F) | 0x40);
        next[8] = (byte)((next[8] & 0x3F) | 0x80);
        return new Guid(next, bigEndian: true);
    }
}
