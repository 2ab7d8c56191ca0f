using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Zilla.AppHost.Hosting.Dcp;

/// <summary>The orchestrator's API, which is Kubernetes-style: objects are posted, patched, watched and deleted.</summary>
internal sealed class DcpClient : IDisposable
{
    private const string Group = "usvc-dev.developer.microsoft.com/v1";
    private const string Executables = $"apis/{Group}/executables";
    private const string Execution = "admin/execution";
    private const string MergePatch = "application/merge-patch+json";

    private readonly HttpClient _http;

    public DcpClient(Kubeconfig kubeconfig)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsSignedBy(kubeconfig.Authority, certificate, errors);
        _http = new HttpClient(handler) { BaseAddress = kubeconfig.Server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", kubeconfig.Token);
    }

    public Task<JsonObject> CreateExecutableAsync(string name, JsonObject spec, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, Executables, new JsonObject
        {
            ["apiVersion"] = Group,
            ["kind"] = "Executable",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = spec,
        }, "application/json", cancellationToken);

    public Task StopExecutableAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, $"{Executables}/{name}", new JsonObject { ["spec"] = new JsonObject { ["stop"] = true } }, MergePatch, cancellationToken);

    /// <summary>Does nothing if there is none of that name.</summary>
    public async Task DeleteExecutableAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(HttpMethod.Delete, $"{Executables}/{name}", null, null, cancellationToken);
        }
        catch (HttpRequestException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
        }
    }

    /// <summary>Every executable there is, and then every change: <c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c>. Ends when the server says so.</summary>
    public async IAsyncEnumerable<(string Type, JsonObject Object)> WatchExecutablesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in ReadLinesAsync($"{Executables}?watch=true", cancellationToken))
        {
            var change = JsonNode.Parse(line)!.AsObject();
            yield return ((string)change["type"]!, change["object"]!.AsObject());
        }
    }

    /// <summary>Lines of the form <c>number time text</c>.</summary>
    public IAsyncEnumerable<string> ReadLogAsync(string name, bool isError, bool follow, CancellationToken cancellationToken) => ReadLinesAsync(
        $"{Executables}/{name}/log?source={(isError ? "stderr" : "stdout")}&follow={(follow ? "true" : "false")}&timestamps=true&line_numbers=true", cancellationToken);

    public async Task<string?> GetExecutionStatusAsync(CancellationToken cancellationToken) =>
        (string?)(await SendAsync(HttpMethod.Get, Execution, null, null, cancellationToken))["status"];

    public async Task<string?> SetExecutionStatusAsync(string status, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["status"] = status, ["shutdownResourceCleanup"] = "Full" };
        return (string?)(await SendAsync(HttpMethod.Patch, Execution, body, MergePatch, cancellationToken))["status"];
    }

    public void Dispose() => _http.Dispose();

    private static bool IsSignedBy(X509Certificate2 authority, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return false;
        }

        using var presented = new X509Certificate2(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(presented);
    }

    private async IAsyncEnumerable<string> ReadLinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, string? type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), new MediaTypeHeaderValue(type!));
        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return !response.IsSuccessStatusCode
            ? throw new HttpRequestException($"The orchestrator answered {method} {path} with {(int)response.StatusCode}: {text}", null, response.StatusCode)
            : text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }
}
