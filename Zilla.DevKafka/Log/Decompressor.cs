using System.IO.Compression;

namespace Zilla.DevKafka.Log;

/// <summary>Opens the records of a batch where that can be done: uncompressed and gzip. What it cannot open is kept whole by compaction.</summary>
internal static class Decompressor
{
    /// <summary>More than any honest batch holds: a small batch that would grow beyond it stays closed.</summary>
    private const int MaximumSize = 256 << 20;

    public static bool TryRead(in BatchHeader header, ReadOnlyMemory<byte> batch, out ReadOnlyMemory<byte> records)
    {
        records = batch[BatchHeader.Length..header.Size];
        return header.Codec switch
        {
            Codec.None => true,
            Codec.Gzip => TryGunzip(records, out records),
            _ => false,
        };
    }

    private static bool TryGunzip(ReadOnlyMemory<byte> compressed, out ReadOnlyMemory<byte> records)
    {
        records = default;
        try
        {
            using var source = new GZipStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            using var target = new MemoryStream();
            var buffer = new byte[64 << 10];
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                target.Write(buffer, 0, read);
                if (target.Length > MaximumSize)
                {
                    return false;
                }
            }

            records = target.GetBuffer().AsMemory(0, (int)target.Length);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
