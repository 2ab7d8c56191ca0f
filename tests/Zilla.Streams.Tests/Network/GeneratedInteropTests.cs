using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Zilla.Streams.Frames;
using Zilla.Streams.Tests.Lanes;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Network;

/// <summary>Both sides of a lane against code that protoc generated from the same .proto, as any other language has it.</summary>
public class GeneratedInteropTests
{
    private static readonly Hello Hello = new() { Version = 1, MinimumVersion = 1, Instance = "generated", StreamCredit = 1000, LaneCredit = 10_000 };

    [Fact]
    public async Task Server_GeneratedClient_IsServed()
    {
        await using var host = await LaneHost.StartAsync(Acceptor.Echo);
        using var channel = GrpcChannel.ForAddress(host.Address);
        using var call = new V1.Streams.StreamsClient(channel).Lane();
        await call.RequestStream.WriteAsync(new Batch { Frames = { new Frame { Hello = Hello } } });
        Assert.Equal(1u, (await NextFrames(call.ResponseStream)).Single().Hello.Version);
        var data = new Data { Payload = ByteString.CopyFromUtf8("hello"), Flags = 3, Kafka = new KafkaDataEx { Offset = 7, Key = ByteString.CopyFromUtf8("k") } };
        await call.RequestStream.WriteAsync(new Batch
        {
            Frames =
            {
                new Frame { StreamId = 1, Begin = new Begin { Traceparent = "00-1", Kafka = new KafkaBeginEx { Topic = "t" } } },
                new Frame { StreamId = 1, Data = data },
                new Frame { StreamId = 1, End = new End() },
            },
        });

        var frames = new List<Frame>();
        while (frames.Count == 0 || frames[^1].KindCase != Frame.KindOneofCase.End)
        {
            frames.AddRange((await NextFrames(call.ResponseStream)).Where(f => f.KindCase != Frame.KindOneofCase.Window));
        }

        Assert.All(frames, f => Assert.Equal(1u, f.StreamId));
        Assert.Equal([Frame.KindOneofCase.Begin, Frame.KindOneofCase.Data, Frame.KindOneofCase.End], frames.Select(f => f.KindCase));
        Assert.Equal(data, frames[1].Data);
        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(default))
        {
        }

        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Server_NoVersionInCommon_RefusesWithCause()
    {
        await using var host = await LaneHost.StartAsync(Acceptor.Echo);
        using var channel = GrpcChannel.ForAddress(host.Address);
        using var call = new V1.Streams.StreamsClient(channel).Lane();
        var later = Hello.Clone();
        (later.Version, later.MinimumVersion) = (9, 8);
        await call.RequestStream.WriteAsync(new Batch { Frames = { new Frame { Hello = later } } });

        var frames = new List<Frame>();
        while (await Eventually.CompletesAsync(call.ResponseStream.MoveNext(default)))
        {
            frames.AddRange(call.ResponseStream.Current.Frames);
            await call.RequestStream.CompleteAsync();
        }

        Assert.Equal(Frame.KindOneofCase.Hello, frames[0].KindCase);
        Assert.Equal((0UL, Cause.Version), (frames[^1].StreamId, frames[^1].Abort.Cause));
    }

    [Fact]
    public async Task Client_GeneratedServer_IsUnderstood()
    {
        await using var host = await LaneHost.StartAsync(services => services.AddGrpc(), app => app.MapGrpcService<GeneratedServer>());
        await using var connection = host.Connect();
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await using var stream = connection.Open(new Begin { Kafka = new KafkaBeginEx { Topic = "upper" } });
        await stream.WriteDataAsync("hello"u8.ToArray(), DataFlags.Whole);
        stream.End();

        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);
        Assert.Equal("HELLO"u8.ToArray(), (await Next(stream)).Payload.ToArray());
        Assert.Equal(FrameKind.End, (await Next(stream)).Kind);
    }

    private static async Task<StreamFrame> Next(FrameStream stream) => await Eventually.CompletesAsync(stream.ReadAsync().AsTask());

    private static async Task<IEnumerable<Frame>> NextFrames(IAsyncStreamReader<Batch> reader)
    {
        Assert.True(await Eventually.CompletesAsync(reader.MoveNext(default)));
        return reader.Current.Frames;
    }

    /// <summary>Answers each DATA in capitals.</summary>
    private sealed class GeneratedServer : V1.Streams.StreamsBase
    {
        public override async Task Lane(IAsyncStreamReader<Batch> requestStream, IServerStreamWriter<Batch> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new Batch { Frames = { new Frame { Hello = Hello } } });
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                foreach (var frame in requestStream.Current.Frames)
                {
                    var answer = frame.KindCase switch
                    {
                        Frame.KindOneofCase.Begin => new Frame { StreamId = frame.StreamId, Begin = new Begin() },
                        Frame.KindOneofCase.Data => new Frame
                        {
                            StreamId = frame.StreamId,
                            Data = new Data { Flags = 3, Payload = ByteString.CopyFromUtf8(frame.Data.Payload.ToStringUtf8().ToUpperInvariant()) },
                        },
                        Frame.KindOneofCase.End => new Frame { StreamId = frame.StreamId, End = new End() },
                        _ => null,
                    };
                    if (answer is not null)
                    {
                        await responseStream.WriteAsync(new Batch { Frames = { answer } });
                    }
                }
            }
        }
    }
}
