using System.Buffers;
using System.Buffers.Text;

namespace Zilla.Edge.Calls;

/// <summary>
/// The body of <c>grpc-web-text</c>: Base64 in pieces, each of them padded by itself, so that one can be sent before the next is known; padding may therefore stand in the
/// middle (gRPC-Web, "Protocol differences").
/// </summary>
/// <remarks><code>"AAAAAAA=" "gAAAAA0K" = 00 00 00 00 00 │ 80 00 00 00 0D 0A</code></remarks>
public static class WebText
{
    /// <summary>Characters that are decoded together.</summary>
    public const int Group = 4;

    /// <summary>
    /// Decodes the whole groups of four that are there and takes them off the buffer. False: it is not Base64. What is left is the beginning of a group; left at
    /// the end of the body it is an error.
    /// </summary>
    public static bool TryDecode(ref ReadOnlySequence<byte> buffer, IBufferWriter<byte> destination)
    {
        Span<byte> group = stackalloc byte[Group];
        while (buffer.Length >= Group)
        {
            // Whole groups without padding go at once; the one with padding goes by itself.
            scoped var run = buffer.FirstSpan;
            var padding = run.IndexOf((byte)'=');
            run = run[..((padding < 0 ? run.Length : padding) / Group * Group)];
            if (run.IsEmpty)
            {
                buffer.Slice(0, Group).CopyTo(group);
                run = group;
            }

            var output = destination.GetSpan(Base64.GetMaxDecodedFromUtf8Length(run.Length));
            if (Base64.DecodeFromUtf8(run, output, out var consumed, out var written) != OperationStatus.Done || consumed != run.Length)
            {
                return false;
            }

            destination.Advance(written);
            buffer = buffer.Slice(run.Length);
        }

        return true;
    }

    /// <summary>One piece, padded.</summary>
    public static void Encode(ReadOnlySpan<byte> bytes, IBufferWriter<byte> destination)
    {
        var output = destination.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        _ = Base64.EncodeToUtf8(bytes, output, out _, out var written);
        destination.Advance(written);
    }
}
