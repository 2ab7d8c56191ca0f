using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Element = Zilla.Streams.V1.KafkaHeaderSequence.Types.Element;
using Skip = Zilla.Streams.V1.KafkaHeaderSequence.Types.Skip;

namespace Zilla.Streams.Tests.Kafka;

public sealed class HeaderSequenceTests
{
    // The table in kafka.proto, and what is alike in MQTT 5 §4.7. A filter is split at '/', a topic gives a header per level.
    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a", false)]
    [InlineData("a/b", "a/b/c", false)]
    [InlineData("a/b", "b/a", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "b/a", false)]
    [InlineData("a/#", null, false)]
    [InlineData("#", null, true)]
    [InlineData("#", "a/b", true)]
    [InlineData("+", null, false)]
    [InlineData(null, null, true)]
    [InlineData(null, "a", false)]
    public void Matches_TopicFilter_AsMqttHasIt(string? filter, string? topic, bool expected) => Assert.Equal(expected, Sequence(filter).Matches(Levels(topic)));

    [Fact]
    public void Matches_OtherHeadersBetween_DoNotCount()
    {
        var headers = Headers(("x", "a"), ("level", "a"), ("y", "b"), ("level", "b"), ("z", "c"));

        Assert.True(Sequence("a/b").Matches(headers));
        Assert.False(Sequence("a/b/c").Matches(headers));
    }

    [Fact]
    public void Matches_NullValue_IsSkippedButEqualsNoValue()
    {
        var headers = Headers(("level", null));

        Assert.True(Sequence("+").Matches(headers));
        Assert.True(Sequence("#").Matches(headers));
        Assert.False(Sequence("").Matches(headers));
    }

    [Fact]
    public void Matches_AnyFilterAndTopic_AsTheRegularExpressionOfIt()
    {
        var levels = Gen.Elements("a", "b", "").ListOf().Where(l => l.Count < 6);
        var filters = Gen.Elements("a", "b", "", "+").ListOf().Where(l => l.Count < 6).SelectMany(l => Gen.Elements(l, [.. l, "#"]));
        Prop.ForAll(filters.ToArbitrary(), levels.ToArbitrary(), (filter, topic) =>
        {
            // Each level is "/level" here, so that none at all is told from an empty one.
            var pattern = string.Concat(filter.Select(e => e == "+" ? "/[^/]*" : e == "#" ? "(/[^/]*)*" : "/" + e));
            var expected = System.Text.RegularExpressions.Regex.IsMatch(string.Concat(topic.Select(l => "/" + l)), $"^{pattern}$");
            return expected == new HeaderSequence("level"u8.ToArray(), filter.Select(ElementOf)).Matches(Headers([.. topic.Select(l => ("level", (string?)l))]));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ToMessage_ThenOf_IsTheSameSequence()
    {
        var message = Sequence("a//+/#").ToMessage();

        Assert.Equal(
            [new Element { Value = ByteString.CopyFromUtf8("a") }, new Element { Value = ByteString.Empty }, new Element { Skip = Skip.One }, new Element { Skip = Skip.Many }],
            message.Elements);
        Assert.Equal(message, HeaderSequence.Of(KafkaHeaderSequence.Parser.ParseFrom(message.ToByteArray())).ToMessage());
    }

    public static TheoryData<KafkaHeaderSequence> Unsound => new()
    {
        new KafkaHeaderSequence { Elements = { new Element { Skip = Skip.Many }, new Element { Skip = Skip.One } } },
        new KafkaHeaderSequence { Elements = { new Element() } },
        new KafkaHeaderSequence { Elements = { new Element { Skip = (Skip)7 } } },
        new KafkaHeaderSequence { Elements = { Enumerable.Repeat(new Element { Skip = Skip.One }, KafkaFilterLimits.Elements + 1) } },
    };

    [Theory]
    [MemberData(nameof(Unsound), DisableDiscoveryEnumeration = true)]
    public void Of_AgainstTheSpecification_IsRefused(KafkaHeaderSequence message) =>
        Assert.Equal(Cause.ProtocolError, Assert.Throws<StreamBrokenException>(() => HeaderSequence.Of(message)).Cause);

    [Fact]
    public void Matches_DeepTopic_AllocatesNothing()
    {
        var (sequence, headers) = (Sequence("a/+/c/#"), Levels("a/b/c/d/e"));
        Assert.True(sequence.Matches(headers));
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
        {
            sequence.Matches(headers);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static HeaderSequence Sequence(string? filter) => new("level"u8.ToArray(), filter is null ? [] : filter.Split('/').Select(ElementOf));

    private static SequenceElement ElementOf(string level) => level switch
    {
        "+" => SequenceElement.SkipOne,
        "#" => SequenceElement.SkipMany,
        _ => new SequenceElement(Encoding.UTF8.GetBytes(level)),
    };

    private static RecordHeaders Levels(string? topic) => Headers(topic is null ? [] : [.. topic.Split('/').Select(level => ("level", (string?)level))]);

    private static RecordHeaders Headers(params (string Name, string? Value)[] headers)
    {
        var encoded = headers.Select(h => new RecordHeader(Encoding.UTF8.GetBytes(h.Name), Encoding.UTF8.GetBytes(h.Value ?? ""), h.Value is not null)).ToArray();
        var bytes = KafkaRecordCodec.Encode(default, encoded);
        Assert.True(KafkaRecordCodec.TryRead(bytes, default, out var record));
        return record.Headers;
    }
}
