using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Zilla.Streams;
using Zilla.Streams.Frames;

namespace Zilla.Load.Lanes;

/// <summary>The receiving end of the frames figure: reads to the END and answers with how many frames there were and what they made it allocate.</summary>
internal sealed class LaneReceiver : IStreamAcceptor
{
    public static async Task RunAsync(Arguments arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, arguments.Number("port", 0), listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddStreamAcceptor<LaneReceiver>();
        var app = builder.Build();
        app.MapStreams();
        await app.RunAsync();
    }

    public async Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        stream.Accept();
        var (frames, before) = (0L, GC.GetTotalAllocatedBytes());
        while (await stream.ReadAsync(cancellationToken) is { Kind: not FrameKind.End } frame)
        {
            frames += frame.Kind == FrameKind.Data ? 1 : 0;
        }

        var text = string.Create(CultureInfo.InvariantCulture, $"{frames} {GC.GetTotalAllocatedBytes() - before}");
        await stream.WriteDataAsync(Encoding.ASCII.GetBytes(text), DataFlags.Whole, cancellationToken: cancellationToken);
        stream.End();
    }
}
