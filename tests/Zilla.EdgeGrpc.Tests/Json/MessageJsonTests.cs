using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Zilla.EdgeGrpc.Json;
using Zilla.EdgeGrpc.Tests.Protos;

namespace Zilla.EdgeGrpc.Tests.Json;

/// <summary>What is written and read here is what protobuf's own library writes and reads with generated classes.</summary>
public sealed class MessageJsonTests
{
    private static readonly MessageJson Json = new(TestSchema.Schema);
    private static readonly TypeRegistry Types = TypeRegistry.FromMessages(Everything.Descriptor, Timestamp.Descriptor, Value.Descriptor);
    private static readonly JsonFormatter Formatter = new(new JsonFormatter.Settings(false, Types));
    private static readonly JsonParser Parser = new(new JsonParser.Settings(100, Types));

    public static TheoryData<string> Messages => new()
    {
        "{}",
        """{"aDouble":1.5,"aFloat":-0.25,"anInt32":-7,"anInt64":"-9007199254740993","aUint32":4294967295,"aUint64":"18446744073709551615"}""",
        """{"aSint32":-5,"aSint64":"-6","aFixed32":7,"aFixed64":"8","aSfixed32":-9,"aSfixed64":"-10","aBool":true}""",
        """{"aString":"tab\tquote\"ü😀","someBytes":"AP+/","aColour":"COLOUR_RED","other-name":"x"}""",
        """{"aDouble":"NaN","aFloat":"-Infinity","aColour":"COLOUR_BELOW"}""",
        """{"nested":{"nested":{"anInt32":1}},"maybe":0}""",
        """{"numbers":[1,-2,0],"unpacked":["1","-2"],"texts":["a",""],"children":[{},{"aBool":true}],"colours":["COLOUR_RED","COLOUR_NONE"]}""",
        """{"byName":{"a":"1","":"0"},"byNumber":{"-1":{},"2":{"aString":"x"}},"byBool":{"true":"AQ==","false":""}}""",
        """{"first":""}""",
        """{"second":0}""",
        """{"third":{"first":"deep"}}""",
        """{"at":"2026-11-21T16:00:00.123456789Z","takes":"-1.500s","mask":"aString,nested.maybe"}""",
        """{"object":{"a":[1,null,{"b":true}]},"value":null,"list":[1,"x"],"boxed":"5","boxedText":"","empty":{}}""",
        """{"any":{"@type":"type.googleapis.com/zilla.tests.Everything","anInt32":3}}""",
        """{"any":{"@type":"type.googleapis.com/google.protobuf.Timestamp","value":"2026-11-21T16:00:00Z"}}""",
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void ThereAndBack_IsAsTheLibraryHasIt(string json)
    {
        var expected = Parser.Parse<Everything>(json);
        var message = Json.ToMessage(TestSchema.EverythingType, Bytes(json));
        Assert.Equal(expected, Everything.Parser.ParseFrom(message));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Formatter.Format(expected)), JsonNode.Parse(Written(message))), Written(message));
    }

    [Theory]
    [InlineData("""{"a_string":"by its own name","an_int32":"12","anInt64":12,"someBytes":"-_8"}""", """{"anInt32":12,"anInt64":"12","aString":"by its own name","someBytes":"+/8="}""")]
    [InlineData("""{"aString":null,"numbers":null,"nested":null,"boxed":null}""", "{}")]
    [InlineData("""{"anInt32":1e2,"aUint64":1.0}""", """{"anInt32":100,"aUint64":"1"}""")]
    [InlineData("""{"aColour":7}""", """{"aColour":7}""")]
    public void Read_OtherSpellings_AreUnderstood(string json, string written) =>
        Assert.Equal(written, Written(Json.ToMessage(TestSchema.EverythingType, Bytes(json))));

    [Theory]
    [InlineData("""{"nope":1}""", "$.nope: zilla.tests.Everything has no such field")]
    [InlineData("""{"anInt32":2147483648}""", "$.anInt32: not a number of type int32")]
    [InlineData("""{"anInt32":1.5}""", "$.anInt32: not a number of type int32")]
    [InlineData("""{"aUint32":-1}""", "$.aUint32: not a number of type uint32")]
    [InlineData("""{"aFloat":1e39}""", "$.aFloat: too large for a float")]
    [InlineData("""{"aBool":"true"}""", "$.aBool: neither true nor false")]
    [InlineData("""{"aString":1}""", "$.aString: String is expected, and not Number")]
    [InlineData("""{"someBytes":"*"}""", "$.someBytes: not Base64")]
    [InlineData("""{"aColour":"GREEN"}""", "$.aColour: not a value of zilla.tests.Colour: it has COLOUR_NONE, COLOUR_RED, COLOUR_BELOW")]
    [InlineData("""{"children":[{},{"numbers":[1,"x"]}]}""", "$.children[1].numbers[1]: not a number of type int32")]
    [InlineData("""{"byNumber":{"x":{}}}""", "$.byNumber.x: not a number of type int32")]
    [InlineData("""{"first":"a","second":1}""", "$.second: another field of the oneof choice is set already")]
    [InlineData("""{"maybe":1,"maybe":2}""", "$.maybe: the field stands there twice")]
    [InlineData("""{"any":{"@type":"x/google.protobuf.Timestamp","value":"2026-11-21T16:00:00Z","more":1}}""", "$.any: an Any of that type has a value, and nothing else")]
    [InlineData("""{"colours":["COLOUR_RED",null]}""", "$.colours[1]: not a value of zilla.tests.Colour: it has COLOUR_NONE, COLOUR_RED, COLOUR_BELOW")]
    [InlineData("""{"any":{"@type":"x/none.Such"}}""", "$.any.@type: x/none.Such is in none of the .proto files")]
    [InlineData("[]", "$: Object is expected, and not Array")]
    [InlineData("""{"aString":"x",}""", "$: not JSON at byte 16: The JSON object contains a trailing comma at the end which is not supported.")]
    [InlineData("{\n x}", "$: not JSON at line 2, byte 2: 'x' is an invalid start of a property name. Expected a '\"'.")]
    [InlineData("""{"aString":"\ud800"}""", "$: a text is not UTF-8, or has half of a surrogate pair")]
    public void Read_WhatDoesNotFit_SaysWhereAndWhy(string json, string message) =>
        Assert.Equal(message, Assert.Throws<JsonMappingException>(() => Json.ToMessage(TestSchema.EverythingType, Bytes(json))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("""{"at":"yesterday"}""")]
    [InlineData("""{"takes":"1"}""")]
    [InlineData("""{"value":1e400}""")]
    [InlineData("""{"object":{"a":[1e400]}}""")]
    [InlineData("""{"boxedText":"\ud800"}""")]
    public void Read_WhatIsNotSound_IsRefused(string json) => Assert.Throws<JsonMappingException>(() => Json.ToMessage(TestSchema.EverythingType, Bytes(json)));

    [Fact]
    public void Read_NestedTooDeep_IsRefused()
    {
        var json = string.Concat(Enumerable.Repeat("""{"nested":""", 150)) + "{}" + new string('}', 150);
        Assert.Throws<JsonMappingException>(() => Json.ToMessage(TestSchema.EverythingType, Bytes(json)));
        var message = new Everything();
        for (var depth = 0; depth < 99; depth++)
        {
            message = new Everything { Nested = message };
        }

        Assert.Equal(100, Written(message.ToByteArray()).Count(c => c == '{'));
        Assert.Throws<JsonMappingException>(() => Written(new Everything { Nested = message }.ToByteArray()));
    }

    /// <summary>Names are the client's, and may be as long as its message: they are neither repeated for what is in them nor sent back whole.</summary>
    [Fact]
    public void Read_BelowALongName_TakesNoMoreThanTheText()
    {
        const int Length = 100_000, Children = 2_000;
        var name = new string('x', Length);
        var json = Bytes($$"""{"byText":{"{{name}}":{"children":[""" + string.Concat(Enumerable.Repeat("{},", Children)) + """{"nope":1}]}}}""");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<JsonMappingException>(() => Json.ToMessage(TestSchema.EverythingType, json));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50 * json.Length);
        Assert.Equal($"$.byText.{name[..64]}….children[{Children}].nope: zilla.tests.Everything has no such field", refused.Message);
    }

    /// <summary>Most messages are small: what each costs besides must not be many times as much.</summary>
    [Fact]
    public void Read_ManySmallMessages_TakesLittleForEach()
    {
        const int Children = 10_000, Each = 1_000;
        var json = Bytes($$"""{"children":[{}{{string.Concat(Enumerable.Repeat(",{}", Children - 1))}}]}""");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(3 * Children, Json.ToMessage(TestSchema.EverythingType, json).Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Children * Each);
    }

    /// <summary>What is deep in others is not copied once for each of them.</summary>
    [Fact]
    public void Read_LargeAndDeep_IsCopiedAFewTimes()
    {
        const int Length = 1_000_000, Depth = 90;
        var json = Bytes(string.Concat(Enumerable.Repeat("""{"nested":""", Depth)) + $$"""{"aString":"{{new string('x', Length)}}"}""" + new string('}', Depth));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Json.ToMessage(TestSchema.EverythingType, json);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20L * Length);
        var inner = Everything.Parser.ParseFrom(message);
        for (var depth = 0; depth < Depth; depth++)
        {
            inner = inner.Nested;
        }

        Assert.Equal(Length, inner.AString.Length);
    }

    [Fact]
    public void Write_LargeAndDeep_IsCopiedAFewTimes()
    {
        const int Length = 1_000_000, Depth = 90;
        var message = new Everything { AString = new string('x', Length) };
        for (var depth = 0; depth < Depth; depth++)
        {
            message = new Everything { Nested = message };
        }

        var (bytes, output) = (message.ToByteArray(), new ArrayBufferWriter<byte>(2 * Length));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Json.ToJson(TestSchema.EverythingType, new(bytes), output);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5L * Length);
        Assert.Equal(Parser.Parse<Everything>(Encoding.UTF8.GetString(output.WrittenSpan)), message);
    }

    [Fact]
    public void Write_Groups_ArePassedOver_AndBrokenOnesRefused()
    {
        // Of fields 1000 and 1001, the one in the other.
        byte[] group = [0xC3, 0x3E, 0xC8, 0x3E, 1, 0xCB, 0x3E, 0xCC, 0x3E, 0xC4, 0x3E];
        Assert.Equal("""{"anInt32":7}""", Written([.. group, 0x18, 7]));
        Assert.Throws<JsonMappingException>(() => Written(group[..^2]));
        Assert.Throws<JsonMappingException>(() => Written([0xC3, 0x3E, 0xCC, 0x3E]));
        Assert.Throws<JsonMappingException>(() => Written([.. Enumerable.Repeat((byte)0x0B, 200), .. Enumerable.Repeat((byte)0x0C, 200)]));
    }

    [Fact]
    public void Write_OfAOneof_TheLastCounts()
    {
        byte[] both = [.. new Everything { Second = 7 }.ToByteArray(), .. new Everything { First = "x" }.ToByteArray()];
        Assert.Equal("""{"first":"x"}""", Written(both));
        Assert.Equal(Everything.ChoiceOneofCase.First, Everything.Parser.ParseFrom(both).ChoiceCase);
    }

    [Fact]
    public void Write_MessageInParts_JoinsThem()
    {
        var parts = new Everything { Nested = new() { AnInt32 = 1 } }.ToByteArray().Concat(new Everything { Nested = new() { AString = "x" } }.ToByteArray());
        Assert.Equal("""{"nested":{"anInt32":1,"aString":"x"}}""", Written([.. parts]));
    }

    [Fact]
    public void Write_UnknownFields_ArePassedOver() => Assert.Equal("{}", Written([0xC2, 0x3E, 1, 7, 0xC8, 0x3E, 5]));

    [Fact]
    public void Write_CutAnywhereOrBroken_IsRefusedOrJson()
    {
        var whole = Parser.Parse<Everything>("""{"aString":"abc","nested":{"numbers":[1,2]},"byName":{"a":"1"},"at":"2026-11-21T16:00:00Z"}""").ToByteArray();
        var random = new Random(5);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = whole[..(round < whole.Length ? round : whole.Length)];
            if (round >= whole.Length)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                JsonNode.Parse(Written(bytes));
            }
            catch (JsonMappingException)
            {
                // Refused in so many words.
            }
        }
    }

    private static ReadOnlySequence<byte> Bytes(string json) => new(Encoding.UTF8.GetBytes(json));

    private static string Written(byte[] message)
    {
        var output = new ArrayBufferWriter<byte>();
        Json.ToJson(TestSchema.EverythingType, new(message), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [Theory]
    [InlineData("{\"aString\":\"\u0080\"}")]
    [InlineData("{\"\u0080\":1}")]
    [InlineData("{\"aString\":\"\\ud800\"}")]
    public void ToMessage_OfWhatIsNotText_IsRefused(string latin1) => Assert.Throws<JsonMappingException>(
        () => new MessageJson(TestSchema.Schema).ToMessage(TestSchema.EverythingType, new(System.Text.Encoding.Latin1.GetBytes(latin1))));
}
