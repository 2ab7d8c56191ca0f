using System.Text;
using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Tests.Fakes;

/// <summary>What a <see cref="FakeCache"/> does with a produce stream that carries many records; records are known by the text of their value.</summary>
internal sealed class FakeProduceMany
{
    /// <summary>Called before a record is looked at.</summary>
    public Func<string, Task> BeforeRecord { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called when a record is written and not yet answered for.</summary>
    public Func<string, Task> AfterWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>A record that is not written, and why.</summary>
    public Func<string, StreamBrokenException?> Fails { get; set; } = _ => null;

    /// <summary>A record that is not taken, nor any behind it, and why.</summary>
    public Func<string, StreamBrokenException?> StopsAt { get; set; } = _ => null;

    /// <summary>A written record that is not answered for.</summary>
    public Func<string, bool> Holds { get; set; } = _ => false;

    public async Task ServeAsync(FrameStream stream, FakeTopic topic, CancellationToken cancellationToken)
    {
        stream.Accept();
        var assembler = new RecordAssembler(1 << 24);
        var results = new ProducedResults();
        var number = -1L;
        while (true)
        {
            if (!stream.TryRead(out var frame))
            {
                await FlushAsync(stream, results);
                frame = await stream.ReadAsync(cancellationToken);
            }

            if (frame.Kind == FrameKind.End)
            {
                await FlushAsync(stream, results);
                stream.End();
                return;
            }

            if (frame.Kind != FrameKind.Data || !assembler.TryAdd(frame, out var record))
            {
                continue;
            }

            number++;
            var value = Encoding.UTF8.GetString(record.Value.Span);
            await BeforeRecord(value).WaitAsync(cancellationToken);
            if (StopsAt(value) is { } stopped)
            {
                await FlushAsync(stream, results);
                stream.End(ExtensionKind.Kafka, new KafkaEndEx { Stopped = new() { Cause = (uint)stopped.Cause, Message = stopped.Message } }.ToByteArray());
                stream.Reset(stopped.Cause, stopped.Message);
                return;
            }

            if (Fails(value) is { } failure)
            {
                results.AddFailure(number, failure.Cause, failure.Message, failure.RetryAfter);
                continue;
            }

            var headers = new List<RecordHeader>();
            foreach (var header in record.Headers)
            {
                headers.Add(new RecordHeader(header.Name.ToArray(), header.Value.ToArray()));
            }

            var next = topic.Append(0, record.HasKey ? record.Key.ToArray() : null, record.IsTombstone ? null : record.Value.ToArray(), [.. headers]);
            if (!Holds(value))
            {
                results.Add(number, 0, next - 1);
            }

            await AfterWrite(value);
            if (next % 32 == 0)
            {
                await FlushAsync(stream, results);
            }
        }
    }

    private static async Task FlushAsync(FrameStream stream, ProducedResults results)
    {
        if (!results.IsEmpty)
        {
            await stream.WriteFlushAsync(ExtensionKind.Kafka, results.Take());
        }
    }
}
