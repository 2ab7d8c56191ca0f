using System.Buffers;

namespace Zilla.Edge.Tests.Calls;

/// <summary>Bytes as they come from a connection: in one piece, or in two.</summary>
internal static class Sequences
{
    public static ReadOnlySequence<byte> Bytes(byte[] bytes) => new(bytes);

    public static ReadOnlySequence<byte> Segments(byte[] first, byte[] second)
    {
        var (start, end) = (new Segment(first, 0), new Segment(second, first.Length));
        start.Append(end);
        return new(start, 0, end, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] memory, long index) => (Memory, RunningIndex) = (memory, index);

        public void Append(Segment next) => Next = next;
    }
}
