using System.Text;
using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests;

/// <summary>What a client of a produce stream does.</summary>
internal sealed class ProduceWriter(FrameStream stream) : IAsyncDisposable
{
    public FrameStream Stream => stream;

    public static KafkaDataEx Head(string? key, params (string Name, string? Value)[] headers)
    {
        var head = new KafkaDataEx { Partition = -1, Offset = -1 };
        if (key is not null)
        {
            head.Key = ByteString.CopyFromUtf8(key);
        }

        foreach (var (name, value) in headers)
        {
            var header = new KafkaHeader { Name = name };
            if (value is not null)
            {
                header.Value = ByteString.CopyFromUtf8(value);
            }

            head.Headers.Add(header);
        }

        return head;
    }

    public async Task<KafkaProgress> SendAsync(string? key, string? value, params (string Name, string? Value)[] headers)
    {
        var head = Head(key, headers);
        head.Tombstone = value is null;
        await WriteAsync(head, value ?? "");
        return await EndAsync();
    }

    public async Task WriteAsync(KafkaDataEx head, string value, DataFlags flags = DataFlags.Whole) =>
        await stream.WriteDataAsync(Encoding.UTF8.GetBytes(value), flags, flags.HasFlag(DataFlags.Init) ? ExtensionKind.Kafka : ExtensionKind.None, flags.HasFlag(DataFlags.Init) ? head.ToByteArray() : default);

    public async Task<KafkaProgress> EndAsync()
    {
        stream.End();
        while (true)
        {
            var frame = await Eventually.CompletesAsync(stream.ReadAsync().AsTask());
            if (frame.Kind == FrameKind.End)
            {
                Assert.True(KafkaProgress.TryDecode(KafkaEndEx.Parser.ParseFrom(frame.Extension.Span).Progress.Span, out var progress));
                return progress;
            }
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
