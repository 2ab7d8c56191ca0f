// The peer of the figure "frames": length-prefixed frames over one TCP connection on System.IO.Pipelines, and nothing else. No streams, no credit.
//
//   RawFrames serve <port>
//   RawFrames send <port> <body> <warm-up seconds> <seconds>
//
// On the wire: 4 bytes length, little-endian, then so many bytes; a length of 0 ends, and 8 bytes come back: how many frames there were.
using System.Globalization;
using RawFrames;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
await (args switch
{
    ["serve", var port] => Receiver.RunAsync(int.Parse(port)),
    ["send", var port, var body, var warmUp, var seconds] => Sender.RunAsync(int.Parse(port), int.Parse(body), double.Parse(warmUp), double.Parse(seconds)),
    _ => throw new ArgumentException("serve <port>, or send <port> <body> <warm-up seconds> <seconds>"),
});
