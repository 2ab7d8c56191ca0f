using FsCheck;
using FsCheck.Fluent;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Tests.Mapping;

public class MessagePropertiesTests
{
    [Fact]
    public void Headers_OfAMessage_AreTheseProperties()
    {
        var properties = Of(
            ("zilla:filter", "a"), ("zilla:local", "client-1"), ("zilla:expiry", "\0\0\0\x01"), ("zilla:content-type", "text/plain"), ("zilla:format", "TEXT"), ("zilla:reply-to", "t"),
            ("zilla:reply-key", "r/1"), ("zilla:reply-filter", "r"), ("zilla:correlation-id", "\x01"), ("own", "1"), ("own", ""), ("zilla:qos", "1"), ("zilla:later", "x"));

        Assert.Equal(
            Wire.Bytes("03 00('text/plain') 01 01 08 00('r/1') 09 00(01) 26 00('own') 00('1') 26 00('own') 00()"),
            properties.Encoded.ToArray());
    }

    [Fact]
    public void Format_Binary_Is0() => Assert.Equal((byte)0, Of(("zilla:format", "BINARY")).PayloadFormatIndicator);

    [Fact]
    public void PlainRecord_AllItsHeadersAreUserProperties()
    {
        var found = new List<string>();
        foreach (var (name, value) in Of(("traceparent", "00-1"), ("", "no name"), ("content-type", "text/plain")).UserProperties)
        {
            found.Add($"{name}={value}");
        }

        Assert.Equal(["traceparent=00-1", "=no name", "content-type=text/plain"], found);
    }

    [Fact]
    public void WhatCannotBeAProperty_IsPassedOver()
    {
        var tooLong = new string('x', 65_536);
        var properties = Of(
            ("zilla:content-type", tooLong), ("zilla:content-type", "a\0b"), ("zilla:format", "text"), ("zilla:reply-key", "r/+"), ("zilla:reply-key", ""), ("zilla:correlation-id", tooLong),
            (tooLong, "1"), ("own", tooLong), ("nul", "\0"));

        Assert.True(properties.IsEmpty);
    }

    [Fact]
    public void TextThatIsNotUtf8_IsPassedOver()
    {
        byte[] bad = [0xC3, 0x28];
        var headers = new[]
        {
            new RecordHeader("own"u8.ToArray(), bad), new RecordHeader(bad, "1"u8.ToArray()), new RecordHeader("zilla:content-type"u8.ToArray(), bad), new RecordHeader("zilla:reply-key"u8.ToArray(), bad),
        };

        Assert.True(Of(headers).IsEmpty);
    }

    [Fact]
    public void SecondOfWhatMayBeOnce_IsPassedOver() =>
        Assert.Equal("first", Of(("zilla:content-type", "first"), ("zilla:content-type", "second")).ContentType?.ToString());

    [Fact]
    public void NullValue_IsEmptyAsAUserProperty_AndNothingElse() =>
        Assert.Equal(Wire.Bytes("26 00('own') 00()"), Of([new RecordHeader("own"u8.ToArray(), default, hasValue: false), new RecordHeader("zilla:content-type"u8.ToArray(), default, hasValue: false)]).Encoded.ToArray());

    /// <summary>Whatever headers a record has, a client gets properties that it may not refuse.</summary>
    [Fact]
    public void AnyHeaders_AreSoundProperties() => Prop.ForAll(Headers.ArrayOf().ToArbitrary(), headers =>
        PropertyCheck.IsSound(Of(headers), PropertyPlace.Publish, out _)).QuickCheckThrowOnFailure();

    [Fact]
    public void WhatAClientPublishes_OthersGetAsItWas() => Prop.ForAll(Published.ToArbitrary(), published =>
    {
        var record = Messages.Record(Messages.Encode(new PublishPacket { Topic = "a/b", Properties = published }));
        var builder = new MqttPropertiesBuilder();
        MessageProperties.Add(builder, record.Headers);
        return builder.Build().Equals(published);
    }).QuickCheckThrowOnFailure();

    private static Gen<string> Text => ArbMap.Default.GeneratorFor<NonEmptyString>().Select(s => new string(s.Get.Where(c => !char.IsSurrogate(c) && c is not ('\0' or '+' or '#')).Prepend('t').ToArray()));

    private static Gen<MqttProperties> Published =>
        from contentType in Text
        from format in Gen.Choose(0, 2)
        from response in Text
        from correlation in ArbMap.Default.GeneratorFor<byte[]>()
        from pairs in Text.Two().ArrayOf()
        select Build(contentType, format, response, correlation, pairs);

    private static Gen<RecordHeader> Headers
    {
        get
        {
            var bytes = ArbMap.Default.GeneratorFor<byte[]>().Select(b => b ?? []);
            var ours = Gen.Elements("zilla:content-type", "zilla:format", "zilla:reply-key", "zilla:correlation-id", "zilla:expiry", "zilla:").Select(System.Text.Encoding.UTF8.GetBytes);
            var values = Gen.OneOf(bytes, Gen.Elements("TEXT", "BINARY", "a/b", "").Select(System.Text.Encoding.UTF8.GetBytes));
            return Gen.OneOf(ours, bytes).SelectMany(name => values.SelectMany(value => ArbMap.Default.GeneratorFor<bool>().Select(some => new RecordHeader(name, some ? value : default, some))));
        }
    }

    private static MqttProperties Build(string contentType, int format, string response, byte[] correlation, IEnumerable<(string Name, string Value)> pairs)
    {
        var builder = new MqttPropertiesBuilder().Add(PropertyId.ContentType, contentType);
        if (format < 2)
        {
            builder.Add(PropertyId.PayloadFormatIndicator, (uint)format);
        }

        builder.Add(PropertyId.ResponseTopic, response).Add(PropertyId.CorrelationData, correlation);
        foreach (var (name, value) in pairs)
        {
            builder.AddUserProperty(name, value);
        }

        return builder.Build();
    }

    private static MqttProperties Of(params (string Name, string Value)[] headers) =>
        Of([.. headers.Select(h => new RecordHeader(System.Text.Encoding.UTF8.GetBytes(h.Name), System.Text.Encoding.UTF8.GetBytes(h.Value)))]);

    private static MqttProperties Of(RecordHeader[] headers)
    {
        var head = new KafkaRecordHead { Key = "a"u8, HasKey = true };
        var encoded = KafkaRecordCodec.Encode(head, headers);
        var builder = new MqttPropertiesBuilder();
        MessageProperties.Add(builder, Messages.Record(encoded).Headers);
        return builder.Build();
    }
}
