using Google.Protobuf;
using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>What a lane's two HELLOs come to.</summary>
internal readonly record struct Agreement(uint Version, string Peer, int StreamCredit, int LaneCredit);

/// <summary>The HELLO that opens each direction of a lane.</summary>
internal static class Handshake
{
    public static StreamFrame Hello(LaneOptions options) => new()
    {
        Kind = FrameKind.Hello,
        Payload = new V1.Hello
        {
            Version = options.HighestVersion,
            MinimumVersion = options.LowestVersion,
            Instance = options.Instance,
            StreamCredit = (ulong)options.StreamCredit,
            LaneCredit = (ulong)options.LaneCredit,
        }.ToByteArray(),
    };

    /// <summary>The highest version in both ranges, or why there is none.</summary>
    public static bool TryAgree(LaneOptions options, in StreamFrame first, out Agreement agreement, out LaneEnd refusal)
    {
        agreement = default;
        refusal = default;
        if (first.Kind != FrameKind.Hello || first.StreamId != 0)
        {
            refusal = new(Cause.ProtocolError, "The first frame is not HELLO.");
            return false;
        }

        V1.Hello hello;
        try
        {
            hello = V1.Hello.Parser.ParseFrom(first.Payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            refusal = new(Cause.ProtocolError, "HELLO cannot be decoded.");
            return false;
        }

        var version = Math.Min(hello.Version, options.HighestVersion);
        if (version == 0 || version < Math.Max(hello.MinimumVersion, options.LowestVersion))
        {
            refusal = new(
                Cause.Version,
                $"No version in common: the peer {hello.Instance} speaks {hello.MinimumVersion} to {hello.Version}, this side {options.LowestVersion} to {options.HighestVersion}.");
            return false;
        }

        if (hello.StreamCredit is 0 or > SendCredit.Maximum || hello.LaneCredit is 0 or > SendCredit.Maximum)
        {
            refusal = new(Cause.ProtocolError, $"HELLO gives no usable credit: {hello.StreamCredit} per stream, {hello.LaneCredit} per lane.");
            return false;
        }

        agreement = new(version, hello.Instance, (int)hello.StreamCredit, (int)hello.LaneCredit);
        return true;
    }
}
