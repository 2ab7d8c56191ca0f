using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>Whatever is written is read again as it was, in one piece or in segments.</summary>
public class RoundTripTests
{
    private static readonly Gen<MqttString> Text =
        ArbMap.Default.GeneratorFor<NonEmptyString>().Select(s => (MqttString)new string(s.Get.Where(c => !char.IsSurrogate(c) && c != '\0' && c is not ('#' or '+')).Prepend('t').ToArray()));

    private static readonly Gen<byte[]> Bytes = ArbMap.Default.GeneratorFor<byte[]>().Select(b => b ?? []);

    private static readonly Gen<MqttVersion> Version = Gen.Elements(MqttVersion.V311, MqttVersion.V5);

    private static readonly Gen<QualityOfService> QoS = Gen.Elements(Enum.GetValues<QualityOfService>());

    private static readonly Gen<bool> Flag = ArbMap.Default.GeneratorFor<bool>();

    private static readonly Gen<ushort> PacketId = Gen.Choose(1, 65_535).Select(i => (ushort)i);

    private static Gen<MqttProperties> Properties =>
        from pairs in Text.Two().ArrayOf()
        from expiry in Gen.Choose(0, int.MaxValue)
        from hasExpiry in Flag
        from correlation in Bytes
        select Build(pairs, hasExpiry ? (uint)expiry : null, correlation);

    [Fact]
    public void Publish_AnyInAnySegments_IsReadAsItWasWritten() => Prop.ForAll(
        (from version in Version
         from topic in Text
         from qos in QoS
         from id in PacketId
         from duplicate in Flag
         from retain in Flag
         from properties in Properties
         from payload in Bytes
         from segment in Gen.Choose(1, 40)
         select (version, segment, packet: new PublishPacket
         {
             Topic = topic,
             QualityOfService = qos,
             PacketId = qos == 0 ? (ushort)0 : id,
             IsDuplicate = duplicate && qos != 0,
             Retain = retain,
             Properties = version == MqttVersion.V5 ? properties : default,
             Payload = new(payload),
         })).ToArbitrary(),
        made =>
        {
            var written = Wire.Written(w => made.packet.Write(w, made.version));
            var frame = Wire.Frame(Wire.Segmented(written, made.segment), made.version);
            return PublishPacket.TryRead(frame, made.version, MqttSender.Client, out var read, out _)
                && made.packet.Size(made.version) == written.Length
                && read.Payload.ToArray().AsSpan().SequenceEqual(made.packet.Payload.ToArray())
                && read with { Payload = default } == made.packet with { Payload = default };
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Connect_Any_IsReadAsItWasWritten() => Prop.ForAll(
        (from version in Version
         from client in Text
         from clean in Flag
         from keepAlive in PacketId
         from will in Flag
         from topic in Text
         from payload in Bytes
         from qos in QoS
         from retain in Flag
         from properties in Properties
         from user in Flag
         from password in Flag
         select new ConnectPacket
         {
             Version = version,
             ClientId = client,
             CleanStart = clean,
             KeepAlive = keepAlive,
             UserName = user ? topic : default(MqttString?),
             Password = user && password ? payload : default(ReadOnlyMemory<byte>?),
             Will = !will ? null : new()
             {
                 Topic = topic,
                 Payload = payload,
                 QualityOfService = qos,
                 Retain = retain,
                 Properties = version == MqttVersion.V5 ? properties : default,
             },
         }).ToArbitrary(),
        made =>
        {
            var frame = Wire.Frame(new ReadOnlySequence<byte>(Wire.Written(made.Write)));
            return ConnectPacket.TryRead(frame, out var read, out _, out _)
                && Same(read.Password, made.Password)
                && Same(read.Will?.Payload, made.Will?.Payload)
                && Plain(read) == Plain(made);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Subscribe_Any_IsReadAsItWasWritten() => Prop.ForAll(
        (from version in Version
         from id in PacketId
         from filters in (from text in Text
                          from qos in QoS
                          from noLocal in Flag
                          from published in Flag
                          from handling in Gen.Elements(Enum.GetValues<RetainHandling>())
                          select new Subscription(new(text, null, text), qos, noLocal, published, handling)).NonEmptyListOf()
         select (version, packet: new SubscribePacket
         {
             PacketId = id,
             Subscriptions = [.. filters.Select(f => version == MqttVersion.V5 ? f : new Subscription(f.Filter, f.MaximumQoS))],
         })).ToArbitrary(),
        made =>
        {
            var frame = Wire.Frame(new ReadOnlySequence<byte>(Wire.Written(w => made.packet.Write(w, made.version))), made.version);
            return SubscribePacket.TryRead(frame, made.version, out var read, out _)
                && read.PacketId == made.packet.PacketId
                && read.Subscriptions.SequenceEqual(made.packet.Subscriptions);
        }).QuickCheckThrowOnFailure();

    private static MqttProperties Build((MqttString Name, MqttString Value)[] pairs, uint? expiry, byte[] correlation)
    {
        var builder = new MqttPropertiesBuilder();
        foreach (var (name, value) in pairs)
        {
            builder.AddUserProperty(name, value);
        }

        if (expiry is { } seconds)
        {
            builder.Add(PropertyId.MessageExpiryInterval, seconds);
        }

        return builder.Add(PropertyId.CorrelationData, correlation).Build();
    }

    /// <summary>Without what is compared by reference.</summary>
    private static ConnectPacket Plain(ConnectPacket packet) =>
        packet with { Password = null, Will = packet.Will is null ? null : packet.Will with { Payload = default } };

    private static bool Same(ReadOnlyMemory<byte>? one, ReadOnlyMemory<byte>? other) =>
        one.HasValue == other.HasValue && (!one.HasValue || one.Value.Span.SequenceEqual(other!.Value.Span));
}
