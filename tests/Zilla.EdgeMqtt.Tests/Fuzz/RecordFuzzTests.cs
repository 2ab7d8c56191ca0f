using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Mapping;

namespace Zilla.EdgeMqtt.Tests.Fuzz;

/// <summary>Keeps the target alive: fixed seeds, so that a failure is one that can be repeated.</summary>
public class RecordFuzzTests
{
    private static readonly byte[] Whole = Messages.Encode(new PublishPacket
    {
        Topic = "sensors/17",
        QualityOfService = QualityOfService.AtLeastOnce,
        Properties = new MqttPropertiesBuilder()
            .Add(PropertyId.MessageExpiryInterval, 60)
            .Add(PropertyId.ContentType, "text/plain")
            .Add(PropertyId.PayloadFormatIndicator, 1)
            .Add(PropertyId.ResponseTopic, "replies/1")
            .Add(PropertyId.CorrelationData, new byte[] { 1, 2, 3 })
            .AddUserProperty("größe", "²")
            .AddUserProperty("größe", "")
            .Build(),
    });

    [Fact]
    public void Fuzz_AMessage_IsOne() => Assert.True(RecordFuzz.Fuzz(Whole));

    [Fact]
    public void Fuzz_AMessageWithAnyByteChangedOrCut_Survives()
    {
        var messages = 0;
        for (var at = 0; at < Whole.Length; at++)
        {
            RecordFuzz.Fuzz(Whole[..at]);
            for (var value = 0; value < 256; value += 1 + (at % 3))
            {
                var mutated = Whole.ToArray();
                mutated[at] = (byte)value;
                messages += RecordFuzz.Fuzz(mutated) ? 1 : 0;
            }
        }

        Assert.True(messages > 1000, $"only {messages} were messages");
    }

    [Fact]
    public void Fuzz_AMessageWithSeveralBytesChanged_Survives()
    {
        var random = new Random(3);
        for (var round = 0; round < 20_000; round++)
        {
            var mutated = Whole.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            RecordFuzz.Fuzz(mutated);
        }
    }
}
