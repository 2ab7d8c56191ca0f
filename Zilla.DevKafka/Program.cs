using Zilla.DevKafka.Hosting;

if (args.Contains("--help"))
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

var settings = CommandLine.Parse(args, out var error);
if (error is not null)
{
    Console.Error.WriteLine(error);
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();
builder.AddDevKafka(settings); // first: it looks whether an HTTP endpoint was asked for, which the defaults below do on their own
builder.AddServiceDefaults();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
return 0;
