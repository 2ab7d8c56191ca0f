using Zilla.Load.Http;

namespace Zilla.Load.Sse;

/// <summary>
/// Finds the <c>data:</c> lines in what comes from one server-sent-event response, in whatever pieces it comes, and tells how old each is.
/// Everything else in the stream is passed over.
/// </summary>
internal sealed class EventScanner(bool isChunked, Action<long> onEvent)
{
    /// <summary>Of an event's data only this much is looked at.</summary>
    private const int Needed = 6 + Payload.TimeOffset + Payload.TimeLength; // "data: " and the time

    private readonly byte[] _text = new byte[Needed + (64 * 1024)];
    private ChunkedBody _chunks;
    private int _kept;

    private static ReadOnlySpan<byte> Data => "data:"u8;

    /// <param name="received">At most 64 KiB of the response's body, as it came.</param>
    public void Take(ReadOnlySpan<byte> received)
    {
        var free = _text.AsSpan(_kept);
        if (isChunked)
        {
            _kept += _chunks.Decode(received, free);
        }
        else
        {
            received.CopyTo(free);
            _kept += received.Length;
        }

        var rest = Scan(_text.AsSpan(0, _kept));
        _text.AsSpan(_kept - rest, rest).CopyTo(_text);
        _kept = rest;
    }

    /// <summary>Gives how many bytes at the end have to be looked at again.</summary>
    private int Scan(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            var at = text.IndexOf(Data);
            if (at < 0)
            {
                return Math.Min(text.Length, Data.Length - 1);
            }

            text = text[at..];
            if (text.Length < Needed)
            {
                return text.Length;
            }

            var body = text[Data.Length..];
            if (Payload.TryReadTime(body[0] == ' ' ? body[1..] : body, out var time))
            {
                onEvent(time);
            }

            text = body;
        }
    }
}
