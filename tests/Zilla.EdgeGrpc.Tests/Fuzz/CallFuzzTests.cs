using System.Buffers;
using System.Text;
using Google.Protobuf;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Tests.Protos;

namespace Zilla.EdgeGrpc.Tests.Fuzz;

/// <summary>Keeps the target alive: fixed seeds, so that a failure is one that can be repeated.</summary>
public sealed class CallFuzzTests
{
    private static readonly byte[] Frames = [.. Frame(new Everything { AString = "one", AnInt64 = 1 }), .. Frame(new Everything()), .. Frame(new Everything { AString = new string('x', 300) }, compressed: true)];

    public static TheoryData<int> Forms => [.. CallFuzz.Forms.Select(form => (int)form)];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Fuzz_Example_IsAnsweredWhole(int form) => Assert.Equal((StatusCode.Ok, 3), CallFuzz.Fuzz((CallForm)form, Example((CallForm)form)));

    [Theory]
    [MemberData(nameof(Forms))]
    public void Fuzz_CutAnywhere_IsAShorterCallOrAnError(int form)
    {
        var whole = Example((CallForm)form);
        for (var at = 0; at < whole.Length; at++)
        {
            var (status, messages) = CallFuzz.Fuzz((CallForm)form, whole.AsSpan(0, at));
            Assert.True(status is StatusCode.Ok or StatusCode.Internal or StatusCode.InvalidArgument, $"{status} at {at}");
            Assert.InRange(messages, 0, 3);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Fuzz_AnyByteChanged_Survives(int form)
    {
        var random = new Random(1);
        var whole = Example((CallForm)form);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(whole[at] ^ 1), (byte)random.Next(256) })
            {
                var mutated = whole.ToArray();
                mutated[at] = value;
                CallFuzz.Fuzz((CallForm)form, mutated);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Fuzz_RandomBodies_Survives(int form)
    {
        var random = new Random(2);
        for (var round = 0; round < 500; round++)
        {
            var body = new byte[random.Next(60)];
            random.NextBytes(body);
            for (var i = 0; i < body.Length; i++)
            {
                // Small numbers make plausible lengths.
                body[i] = random.Next(3) == 0 ? body[i] : (byte)random.Next(3);
            }

            CallFuzz.Fuzz((CallForm)form, body);
            CallFuzz.Fuzz((CallForm)form, Encoding.ASCII.GetBytes(Convert.ToBase64String(body)));
        }
    }

    [Fact]
    public void Fuzz_TooLarge_IsRefusedByItsLength() => Assert.Equal((StatusCode.ResourceExhausted, 0), CallFuzz.Fuzz(CallForm.Grpc, [0, 0, 0, 0x10, 1]));

    [Fact]
    public void Fuzz_TooLargeOnceInflated_IsRefused() =>
        Assert.Equal((StatusCode.ResourceExhausted, 0), CallFuzz.Fuzz(CallForm.Grpc, Frame(new Everything { AString = new string('x', CallFuzz.Maximum) }, compressed: true)));

    private static byte[] Example(CallForm form) => form switch
    {
        CallForm.Json => Encoding.UTF8.GetBytes("{\"aString\":\"one\",\"anInt64\":\"1\"}\n\n{}\n{\"aString\":\"" + new string('x', 100) + "\"}"),

        // Each piece padded by itself.
        CallForm.WebText => Encoding.ASCII.GetBytes(Convert.ToBase64String(Frames[..7]) + Convert.ToBase64String(Frames[7..])),
        _ => Frames,
    };

    private static byte[] Frame(Everything message, bool compressed = false)
    {
        var body = message.ToByteArray();
        if (compressed)
        {
            using var output = new MemoryStream();
            Encodings.Compress(new ReadOnlySequence<byte>(body), output);
            body = output.ToArray();
        }

        var frame = new ArrayBufferWriter<byte>();
        MessageFrame.WritePrefix(frame, compressed ? MessageFrame.Compressed : (byte)0, body.Length);
        frame.Write(body);
        return frame.WrittenSpan.ToArray();
    }
}
