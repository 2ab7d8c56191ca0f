using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>Bytes and packets for the tests.</summary>
internal static class Wire
{
    public const long NoLimit = long.MaxValue;

    /// <summary>From hexadecimal digits; text in quotes stands for its characters, and parentheses for the length of what is in them (one byte) and that.</summary>
    public static byte[] Bytes(string picture)
    {
        var groups = new Stack<List<byte>>([[]]);
        for (var at = 0; at < picture.Length; at++)
        {
            switch (picture[at])
            {
                case ' ':
                    break;
                case '(':
                    groups.Push([]);
                    break;
                case ')':
                    var group = groups.Pop();
                    Assert.InRange(group.Count, 0, 127);
                    groups.Peek().Add((byte)group.Count);
                    groups.Peek().AddRange(group);
                    break;
                case '\'':
                    var end = picture.IndexOf('\'', at + 1);
                    groups.Peek().AddRange(System.Text.Encoding.UTF8.GetBytes(picture[(at + 1)..end]));
                    at = end;
                    break;
                default:
                    groups.Peek().AddRange(Convert.FromHexString(picture.AsSpan(at++, 2)));
                    break;
            }
        }

        return [.. groups.Single()];
    }

    public static MqttFrame Frame(string picture, MqttVersion? version = null) => Frame(new ReadOnlySequence<byte>(Bytes(picture)), version);

    public static MqttFrame Frame(ReadOnlySequence<byte> bytes, MqttVersion? version = null)
    {
        Assert.Equal(FrameStatus.Packet, FrameReader.TryRead(ref bytes, NoLimit, version, out var frame, out _));
        Assert.True(bytes.IsEmpty);
        return frame;
    }

    /// <summary>The same bytes in segments of that size.</summary>
    public static ReadOnlySequence<byte> Segmented(byte[] bytes, int size)
    {
        var first = new Segment(default, 0);
        var last = first;
        for (var at = 0; at < bytes.Length; at += size)
        {
            last = last.Append(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)));
        }

        return new(first, 0, last, last.Memory.Length);
    }

    public static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
