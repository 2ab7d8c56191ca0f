using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Config.Bindings;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Tests.Json;

namespace Zilla.EdgeGrpc.Tests.Fuzz;

/// <summary>
/// Fuzz target: any bytes as the body of a call, in each of its forms, against a method that sends back what it is sent. Nothing may be thrown, no message is larger than
/// allowed, and the answer says how the call ended, in its form.
/// </summary>
internal static class CallFuzz
{
    public const int Maximum = 1 << 12;

    public static CallForm[] Forms { get; } = [CallForm.Grpc, CallForm.Web, CallForm.WebText, CallForm.Json];

    /// <returns>The status, and how many messages the method was sent.</returns>
    public static (StatusCode Status, int Messages) Fuzz(CallForm form, ReadOnlySpan<byte> body)
    {
        var handler = new Echo();
        var context = new FakeContext(form, "/zilla.tests.Things/Talk", PipeReader.Create(new ReadOnlySequence<byte>(body.ToArray())));
        var calling = CallAsync(context, handler);
        Expect(calling.Wait(TimeSpan.FromSeconds(20)));
        return (form == CallForm.Json ? StatusOfJson(context, calling.Result) : StatusOf(form, context, calling.Result), handler.Messages);
    }

    /// <summary>The server as it is, with one handler for all.</summary>
    public static IExchangeHandler ServerOf(ICallHandler handler, int maximum, MessageBudget? budget = null) => new GrpcServerModel(
        "grpc", TestSchema.Schema, maximum, new CallRoutes([], new Only(handler)), new Dictionary<string, ICallHandler>(), budget ?? new(long.MaxValue), new GrpcMetrics("tests", new GrpcServerBinding { Name = "fuzz" }), TimeProvider.System, NullLogger.Instance);

    private static async Task<byte[]> CallAsync(FakeContext context, Echo handler)
    {
        await ServerOf(handler, Maximum).HandleAsync(context.Exchange);
        return await context.OutputAsync();
    }

    private static StatusCode StatusOf(CallForm form, FakeContext context, byte[] output)
    {
        Expect(context.StatusCode == 200);
        var status = context.Trailers["grpc-status"] is [{ } trailing] ? trailing : context.Headers["grpc-status"].ToString();
        if (form != CallForm.Grpc)
        {
            status = InBody(form == CallForm.Web ? output : Decode(output));
        }

        return (StatusCode)byte.Parse(status, CultureInfo.InvariantCulture);
    }

    /// <summary>The last frame is the trailers, and the only one that is.</summary>
    private static string InBody(byte[] output)
    {
        for (var at = 0; ;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(output.AsSpan(at + 1));
            if (output[at] == MessageFrame.Trailers)
            {
                Expect(at + MessageFrame.PrefixLength + length == output.Length);
                var lines = Encoding.Latin1.GetString(output, at + MessageFrame.PrefixLength, length).Split("\r\n");
                return lines.Single(line => line.StartsWith("grpc-status: ", StringComparison.Ordinal))["grpc-status: ".Length..];
            }

            at += MessageFrame.PrefixLength + length;
        }
    }

    private static byte[] Decode(byte[] text)
    {
        var decoded = new ArrayBufferWriter<byte>();
        var buffer = new ReadOnlySequence<byte>(text);
        Expect(WebText.TryDecode(ref buffer, decoded) && buffer.IsEmpty);
        return decoded.WrittenSpan.ToArray();
    }

    /// <summary>A problem, or lines of which the last may be an error.</summary>
    private static StatusCode StatusOfJson(FakeContext context, byte[] output)
    {
        if (context.StatusCode != 200)
        {
            using var problem = JsonDocument.Parse(output);
            Expect(problem.RootElement.GetProperty("status").GetInt32() == context.StatusCode);
            return Enum.Parse<StatusCode>(problem.RootElement.GetProperty("detail").GetString()!.Split(':')[0]);
        }

        var status = StatusCode.Ok;
        foreach (var line in Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Expect(status == StatusCode.Ok);
            using var message = JsonDocument.Parse(line);
            status = message.RootElement.TryGetProperty("error", out var error) ? (StatusCode)error.GetProperty("code").GetByte() : status;
        }

        return status;
    }

    private static void Expect(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("The call broke its word.");
        }
    }

    private sealed class Echo : ICallHandler
    {
        public int Messages { get; private set; }

        public async Task<Status> HandleAsync(Call call)
        {
            while (await call.ReadAsync())
            {
                Messages++;
                Expect(call.Message.Length <= Maximum);
                await call.WriteAsync(call.Message);
                await call.FlushAsync();
            }

            return Status.Ok;
        }
    }

    private sealed class Only(ICallHandler handler) : ICallRoutes
    {
        public ICallHandler? Route(Call call) => handler;

        public IEnumerable<ICallHandler> HandlersOf(string method) => [handler];

        public bool Admits(Exchange exchange) => true;
    }
}
