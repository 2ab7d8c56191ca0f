using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Zilla.Bootstrap;

/// <summary>
/// Reads a .NET single-file app (bundle format 6): a program with files appended to it and, behind them, a manifest.
/// <code>
/// program ··· | int64 manifest offset | 32-byte marker | ··· files ··· | manifest
/// manifest: uint32 major | uint32 minor | int32 files | string id | 4 × int64 | uint64 flags | entry × files
/// entry:    int64 offset | int64 size | int64 compressed size, 0 = stored | uint8 type | string path
/// </code>
/// A string is its UTF-8 length in 7-bit groups, then its bytes. Integers are little-endian.
/// </summary>
internal sealed class SingleFileBundle
{
    /// <summary>No file in a bundle may claim to be larger than this.</summary>
    public const int MaxFileBytes = 256 << 20;

    private const int MinEntryBytes = 8 + 8 + 8 + 1 + 1;
    private const int Block = 1 << 20;

    private readonly Stream _stream;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <param name="stream">The program; must be seekable, and stays the caller's.</param>
    /// <exception cref="InvalidDataException">It is no single-file app, or a damaged one.</exception>
    public SingleFileBundle(Stream stream)
    {
        _stream = stream;
        Guarded<object?>(() =>
        {
            ReadManifest();
            return null;
        });
    }

    /// <summary>SHA-256 of ".net core bundle": where the program keeps it, the eight bytes before are the manifest's offset.</summary>
    public static ReadOnlySpan<byte> Marker =>
    [
        0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
        0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
    ];

    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <exception cref="InvalidDataException">There is no such file, or its content is damaged.</exception>
    public byte[] Read(string name) => Guarded(() =>
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw new InvalidDataException($"The bundle has no file {name}");
        }

        _stream.Position = entry.Offset;
        var stored = new byte[entry.Stored];
        _stream.ReadExactly(stored);
        if (!entry.Compressed)
        {
            return stored;
        }

        var content = new byte[entry.Size];
        using var inflate = new DeflateStream(new MemoryStream(stored), CompressionMode.Decompress);
        inflate.ReadExactly(content);
        return content;
    });

    private void ReadManifest()
    {
        _stream.Position = FindManifest();
        using var reader = new BinaryReader(_stream, Encoding.UTF8, leaveOpen: true);
        var major = reader.ReadUInt32();
        _ = reader.ReadUInt32();
        if (major != 6)
        {
            throw new InvalidDataException($"Bundle format {major} is not supported");
        }

        var count = reader.ReadInt32();
        _ = reader.ReadString();
        reader.ReadBytes((4 * sizeof(long)) + sizeof(ulong));
        if (count < 0 || count > (_stream.Length - _stream.Position) / MinEntryBytes)
        {
            throw new InvalidDataException($"A bundle of this size cannot have {count} files");
        }

        for (var i = 0; i < count; i++)
        {
            var (offset, size, compressed) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            _ = reader.ReadByte();
            var name = reader.ReadString();
            var stored = compressed == 0 ? size : compressed;
            if (size is < 0 or > MaxFileBytes || stored is < 0 or > MaxFileBytes || offset < 0 || offset > _stream.Length - stored)
            {
                throw new InvalidDataException($"The bundle's file {name} lies outside the bundle");
            }

            _entries[name] = new(offset, (int)size, (int)stored, compressed != 0);
        }
    }

    private long FindManifest()
    {
        var buffer = new byte[Block + sizeof(long) + Marker.Length];
        for (long at = 0; at < _stream.Length; at += Block)
        {
            _stream.Position = at;
            var length = _stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var marker = buffer.AsSpan(0, length).IndexOf(Marker);
            if (marker >= sizeof(long))
            {
                var offset = BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(marker - sizeof(long)));
                return offset > 0 && offset < _stream.Length ? offset : throw new InvalidDataException($"The bundle's manifest cannot lie at {offset}");
            }
        }

        throw new InvalidDataException("Not a single-file app: no bundle marker");
    }

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException("The bundle is cut short or damaged", e);
        }
    }

    private readonly record struct Entry(long Offset, int Size, int Stored, bool Compressed);
}
