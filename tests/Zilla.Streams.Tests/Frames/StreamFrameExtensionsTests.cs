using Google.Protobuf;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Tests.Frames;

public class StreamFrameExtensionsTests
{
    private static readonly byte[] Encoded = new WorkDataEx { Call = 300, Done = new() { Poison = "bad" } }.ToByteArray();

    [Fact]
    public void Parse_OfItsProtocol_IsTheMessage() =>
        Assert.Equal(new WorkDataEx { Call = 300, Done = new() { Poison = "bad" } }, Frame(ExtensionKind.Work, Encoded).Parse(ExtensionKind.Work, WorkDataEx.Parser));

    [Theory]
    [InlineData(ExtensionKind.Kafka)]
    [InlineData(ExtensionKind.None)]
    public void Parse_OfAnotherOrNone_BreaksTheStream(ExtensionKind kind) =>
        Assert.Equal(Cause.ProtocolError, Assert.Throws<StreamBrokenException>(() => Frame(kind, kind == ExtensionKind.None ? [] : Encoded).Parse(ExtensionKind.Work, WorkDataEx.Parser)).Cause);

    [Fact]
    public void Parse_CutAnywhere_BreaksTheStreamOrIsAShorterMessage()
    {
        // Behind the call's number, at 3, nothing is missing.
        for (var cut = 1; cut < Encoded.Length; cut++)
        {
            var frame = Frame(ExtensionKind.Work, Encoded[..cut]);
            var broken = Record.Exception(() => frame.Parse(ExtensionKind.Work, WorkDataEx.Parser));
            Assert.Equal(cut == 3 ? null : Cause.ProtocolError, (broken as StreamBrokenException)?.Cause);
        }
    }

    private static StreamFrame Frame(ExtensionKind kind, byte[] extension) => new() { Kind = FrameKind.Data, ExtensionKind = kind, Extension = extension };
}
