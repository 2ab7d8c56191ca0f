using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Frames;

/// <summary>docs/stream-protocol.md says what is so: its bytes are the messages that stand below them, its tables are those of the .proto files.</summary>
public sealed partial class ProtocolPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "stream-protocol.md"));

    public static IEnumerable<object[]> Examples => Example().Matches(Page).Select(example => (object[])[Hex(example.Groups["hex"].Value), example.Groups["json"].Value]);

    [Theory]
    [MemberData(nameof(Examples))]
    public void Bytes_OfAnExample_AreItsMessage(string hex, string json)
    {
        var bytes = Convert.FromHexString(hex);
        var batch = Batch.Parser.ParseJson(json);
        Assert.Equal(batch, Batch.Parser.ParseFrom(bytes));
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(batch.ToByteArray()));

        var reader = new FrameReader(bytes);
        foreach (var frame in batch.Frames)
        {
            Assert.Equal(FrameReadOutcome.Frame, reader.Read(out var read));
            Assert.Equal((frame.StreamId, (int)frame.KindCase), (read.StreamId, (int)read.Kind));
        }

        Assert.Equal(FrameReadOutcome.EndOfBatch, reader.Read(out _));
    }

    [Fact]
    public void Examples_AreAllFound() => Assert.Equal(Regex.Count(Page, "^```hex", RegexOptions.Multiline), Examples.Count());

    [Fact]
    public void TableOfKinds_IsThatOfTheContract()
    {
        foreach (var kind in Frame.Descriptor.Oneofs.Single(o => o.Name == "kind").Fields)
        {
            var row = string.Create(CultureInfo.InvariantCulture, $"| {kind.Name.ToUpperInvariant()} | {kind.FieldNumber} | `{(kind.FieldNumber << 3) | 2:X2}` | {Fields(kind.MessageType)} |");
            Assert.Contains(row, Page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TableOfCauses_IsThatOfTheContract()
    {
        var causes = StreamsReflection.Descriptor.EnumTypes.Single(e => e.Name == nameof(Cause)).Values.Where(v => v.Number > 0).Select(v => $"| {v.Number} | `{v.Name}` |");
        Assert.Equal(causes, Row().Matches(Page).Select(row => row.Value));
    }

    private static string Fields(MessageDescriptor message) => message.Fields.InFieldNumberOrder() is { Count: > 0 } fields
        ? string.Join(", ", fields.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.FieldNumber} {f.Name}") + (f.FieldType == FieldType.Message ? $" (`{f.MessageType.Name}`)" : "")))
        : "–";

    /// <summary>The bytes of each line stand before its first word, set off by two blanks or more.</summary>
    private static string Hex(string block) => string.Concat(block.Split('\n').Select(line => Bytes().Match(line).Value.Replace(" ", "", StringComparison.Ordinal)));

    [GeneratedRegex("```hex\n(?<hex>.*?)```\n```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^(\s*\b[0-9A-F]{2}\b)+(?=\s{2}|$)")]
    private static partial Regex Bytes();

    [GeneratedRegex(@"^\| \d+ \| `CAUSE_\w+` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
