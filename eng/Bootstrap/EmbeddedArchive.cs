using System.IO.Compression;

namespace Zilla.Bootstrap;

/// <summary>Finds a gzip-compressed tar inside another file.</summary>
internal static class EmbeddedArchive
{
    private const int Block = 1 << 20;
    private const int TarHeader = 512;

    // A tar header carries this word at offset 257.
    private const int MagicOffset = 257;

    private static ReadOnlySpan<byte> GzipStart => [0x1f, 0x8b, 0x08];

    /// <summary>The position of the first gzip stream whose content begins with a tar header.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static long Find(FileStream file)
    {
        var block = new byte[Block];
        for (long at = 0; at < file.Length; at += Block - GzipStart.Length + 1)
        {
            file.Position = at;
            var length = file.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
            for (var i = 0; i < length; i++)
            {
                var next = block.AsSpan(i, length - i).IndexOf(GzipStart);
                if (next < 0)
                {
                    break;
                }

                i += next;
                if (HoldsTar(file, at + i))
                {
                    return at + i;
                }
            }
        }

        throw new InvalidDataException($"{file.Name} holds no gzip-compressed tar");
    }

    private static bool HoldsTar(FileStream file, long position)
    {
        file.Position = position;
        var header = new byte[TarHeader];
        try
        {
            using var gzip = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            gzip.ReadExactly(header);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return false;
        }

        return header.AsSpan(MagicOffset, 5).SequenceEqual("ustar"u8);
    }
}
