using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Zilla.EdgeGrpc.Messages;

/// <summary>The compression of single messages: <c>grpc-encoding</c>, <c>grpc-accept-encoding</c> (gRPC's "Compression").</summary>
internal static class Encodings
{
    public const string Identity = "identity", Gzip = "gzip";

    /// <summary>What is understood, for <c>grpc-accept-encoding</c>.</summary>
    public const string Accepted = "identity,gzip";

    /// <summary>Messages below that are sent as they are: they would only grow.</summary>
    public const int Worthwhile = 512;

    /// <summary>Header and trailer of gzip.</summary>
    private const int Shortest = 18;

    public static bool IsKnown(string encoding) => encoding is Identity or Gzip;

    /// <summary>What to answer a caller with that says what it accepts: gzip or nothing.</summary>
    public static string Choose(string? accepted)
    {
        foreach (var range in accepted.AsSpan().Split(','))
        {
            if (accepted.AsSpan(range).Trim().SequenceEqual(Gzip))
            {
                return Gzip;
            }
        }

        return Identity;
    }

    /// <summary>
    /// False: it is not gzip (RFC 1952) of one member, ends early, or grows beyond <paramref name="maximum"/> bytes, which <paramref name="isTooLarge"/> tells apart.
    /// </summary>
    public static bool TryDecompress(in ReadOnlySequence<byte> compressed, int maximum, IBufferWriter<byte> destination, out bool isTooLarge)
    {
        isTooLarge = false;
        if (compressed.IsEmpty)
        {
            // What some libraries make of an empty message, ASP.NET Core's among them.
            return true;
        }

        var bytes = ArrayPool<byte>.Shared.Rent((int)compressed.Length);
        compressed.CopyTo(bytes);
        try
        {
            using var inflating = new GZipStream(new MemoryStream(bytes, 0, (int)compressed.Length, writable: false), CompressionMode.Decompress);
            for (var length = 0; ;)
            {
                var read = inflating.Read(destination.GetSpan(4096));
                if (read == 0)
                {
                    // The library does not mind data that end early; the length at their end tells.
                    return compressed.Length >= Shortest && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)compressed.Length - sizeof(uint))) == length;
                }

                if (read > maximum - length)
                {
                    isTooLarge = true;
                    return false;
                }

                length += read;
                destination.Advance(read);
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>With gzip, for speed rather than size.</summary>
    public static void Compress(in ReadOnlySequence<byte> message, Stream destination)
    {
        using var deflating = new GZipStream(destination, CompressionLevel.Fastest, leaveOpen: true);
        foreach (var segment in message)
        {
            deflating.Write(segment.Span);
        }
    }
}
