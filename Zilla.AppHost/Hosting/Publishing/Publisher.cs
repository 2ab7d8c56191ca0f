using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Publishing.Compose;
using Zilla.AppHost.Hosting.Publishing.Kubernetes;
using Zilla.AppHost.Hosting.Publishing.Manifest;

namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>Writes the files that deploy the model, and says what is left to do. Nothing runs.</summary>
internal sealed class Publisher(DistributedApplicationBuilder model, TextWriter output)
{
    /// <exception cref="FormatException">The model or its configuration cannot be deployed as it is; the message says why.</exception>
    /// <exception cref="IOException">A file cannot be written, or Control cannot be asked.</exception>
    public async Task RunAsync(PublishRequest request)
    {
        ApplicationPlan.Check(model);
        var (control, configuration) = ConfigurationReader();
        var needs = await ConfigurationNeeds.AskAsync(control, model.Options.Config);
        if (request.Format == PublishFormat.Manifest)
        {
            await WriteManifestAsync(Deployment.Create(model, needs, new ManifestDialect(configuration, model.Kafka!.Name)), request.Path);
        }
        else
        {
            await WriteComposeAsync(Deployment.Create(model, needs, new ComposeDialect(model.Kafka!.Name)), request.Path);
            await WriteKubernetesAsync(Deployment.Create(model, needs, new KubernetesDialect()), Path.Combine(request.Path, KubernetesFiles.Folder));
        }
    }

    private async Task WriteManifestAsync(Deployment deployment, string path)
    {
        await WriteAsync(path, new ManifestFile(deployment).Write(path));
        if (deployment.Configuration is { } file)
        {
            await output.WriteLineAsync($"  {file.Source} is not part of it: where it runs, the parameter for the configuration is a URL.");
        }
    }

    private async Task WriteComposeAsync(Deployment deployment, string folder)
    {
        var kafka = deployment.NeedsKafka ? ComposeKafka.Beside(model.Kafka!.Name, model.Options.Config) : null;
        await WriteAsync(Path.Combine(folder, ComposeFile.Name), new ComposeFile(deployment, kafka).Write());
        var files = deployment.Services.SelectMany(service => service.Files).ToList();
        foreach (var file in files.Where(file => !file.Secret).SelectMany(file => file.Expand()).Concat(deployment.Configuration is { } own ? [own] : []).DistinctBy(file => file.RelativePath))
        {
            var copy = Path.Combine(folder, ComposeFile.HostPath(file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await File.WriteAllBytesAsync(copy, await File.ReadAllBytesAsync(file.Source));
        }

        foreach (var name in deployment.Secrets)
        {
            await output.WriteLineAsync($"  {name} has to be set where compose runs, or in an .env file beside it.");
        }

        foreach (var store in files.Where(file => file.Secret).DistinctBy(file => file.Key))
        {
            await output.WriteLineAsync($"  {ComposeFile.HostPath(store)} is not copied: put {store.Source} there, readable by user 1654.");
        }
    }

    private async Task WriteKubernetesAsync(Deployment deployment, string folder)
    {
        foreach (var (name, text) in KubernetesFiles.Write(deployment))
        {
            await WriteAsync(Path.Combine(folder, name), text);
        }

        if (deployment.NeedsKafka)
        {
            await output.WriteLineAsync($"  {ConfigurationNeeds.BootstrapServer} in config.yaml has to name your cluster (or publish with --kafka).");
        }

        if (deployment.Secrets is { Count: > 0 } secrets)
        {
            await output.WriteLineAsync($"  kubectl create secret generic {PodEnvironment.Secret} {string.Join(' ', secrets.Select(name => $"--from-literal={name}=…"))}");
        }

        if (deployment.Services.SelectMany(service => service.Files).Where(file => file.Secret).DistinctBy(file => file.Key).ToList() is { Count: > 0 } stores)
        {
            await output.WriteLineAsync($"  kubectl create secret generic {PodVolumes.Stores} {string.Join(' ', stores.Select(file => $"--from-file={file.Key}={file.Source}"))}");
        }
    }

    private async Task WriteAsync(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
        await output.WriteLineAsync(path);
    }

    /// <summary>The program that reads the configuration, and the parameter that it knows it by.</summary>
    private (string Program, string Parameter) ConfigurationReader()
    {
        var found =
            from project in model.Resources.OfType<ProjectResource>()
            from relation in project.All<RelationshipAnnotation>()
            where relation.Resource is ParameterResource parameter && parameter.Value == model.Options.Config
            select (new ResourceInstance(project, 0, []).Program, relation.Resource.Name);
        return found.First();
    }
}
