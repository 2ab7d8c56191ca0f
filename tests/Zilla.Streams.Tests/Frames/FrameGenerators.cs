using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Zilla.Streams.V1;

namespace Zilla.Streams.Tests.Frames;

/// <summary>Arbitrary batches of the generated code: every kind, every optional field there and not there.</summary>
internal static class FrameGenerators
{
    public static Arbitrary<Batch> Batches { get; } = Frames.ListOf().Select(frames => new Batch { Frames = { frames } }).ToArbitrary();

    private static Gen<ByteString> Bytes => ArbMap.Default.GeneratorFor<byte[]>().Select(b => ByteString.CopyFrom(b ?? []));

    private static Gen<string> Text => ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => new string([.. s.Get.Where(c => !char.IsSurrogate(c))]));

    private static Gen<ulong> Numbers => ArbMap.Default.GeneratorFor<ulong>().SelectMany(n => Gen.Choose(0, 63).Select(shift => n >> shift));

    private static Gen<Cause> Causes => Gen.Choose(-1, 20).Select(c => (Cause)c);

    private static Gen<KafkaDataEx?> DataExtensions => Optional(ArbMap.Default.GeneratorFor<int>().SelectMany(p => Bytes.Select(key => new KafkaDataEx { Partition = p, Key = key })));

    private static Gen<Frame> Frames => Numbers.SelectMany(id => Gen.OneOf(
        Text.SelectMany(i => Numbers.Select(c => new Frame { StreamId = id, Hello = new Hello { Version = 1, Instance = i, StreamCredit = c, LaneCredit = c } })),
        Text.SelectMany(t => Optional(Text.Select(topic => new KafkaBeginEx { Topic = topic })).Select(k => new Frame { StreamId = id, Begin = new Begin { Traceparent = t, Kafka = k } })),
        Bytes.SelectMany(p => Gen.Choose(0, 7).SelectMany(f => DataExtensions.Select(k => new Frame { StreamId = id, Data = new Data { Payload = p, Flags = (uint)f, Kafka = k } }))),
        Optional(Bytes.Select(b => new KafkaFlushEx { Progress = b })).Select(k => new Frame { StreamId = id, Flush = new Flush { Kafka = k } }),
        Optional(Bytes.Select(b => new KafkaEndEx { Progress = b })).Select(k => new Frame { StreamId = id, End = new End { Kafka = k } }),
        Text.SelectMany(m => Causes.Select(c => new Frame { StreamId = id, Abort = new Abort { Cause = c, Message = m } })),
        Numbers.Select(c => new Frame { StreamId = id, Window = new Window { Credit = c } }),
        Text.SelectMany(m => Causes.SelectMany(c => Numbers.Select(r => new Frame { StreamId = id, Reset = new Reset { Cause = c, Message = m, RetryAfterMs = (uint)r } }))),
        Gen.Constant(new Frame { StreamId = id, Challenge = new Challenge() })));

    private static Gen<T?> Optional<T>(Gen<T> some)
        where T : class => Gen.OneOf(Gen.Constant<T?>(null), some.Select(x => (T?)x));
}
